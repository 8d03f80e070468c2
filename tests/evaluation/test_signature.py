import optical_cli
from optical_cli.evaluation.signature import library, short, signature


def test_parts_stand_in_order_and_empty_ones_are_left_out():
    found = signature("AP", {"queries": 3, "seed": None, "run": "ab"})
    assert found == f"AP|queries:3|run:ab|optical:{optical_cli.__version__}"


def test_few_hashes_are_shortened_and_many_are_hashed_together():
    digests = [f"{number:064x}" for number in range(6)]
    assert short(digests[:2]) == "00000000+00000000"
    assert short(digests).startswith("6@") and len(short(digests)) == 10
    assert short(digests) != short(digests[::-1])


def test_the_library_is_named_with_its_versions():
    assert library().startswith("ir-measures-0.4.") and "+pytrec-eval-terrier-0.5." in library()
