import json

import pytest

from optical_cli.encoders import new_encoder, train_vocabulary, with_head

WORDS = {
    "farmer": "mkulima", "sells": "anauza", "maize": "mahindi", "teacher": "mwalimu",
    "reads": "anasoma", "book": "kitabu", "child": "mtoto", "drinks": "anakunywa", "milk": "maziwa",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A teacher, a student, a narrow model and two little bitexts."""
    folder = tmp_path_factory.mktemp("alignment")
    pairs = [(f"{a} {b} {c}", f"{WORDS[a]} {WORDS[b]} {WORDS[c]}")
             for a in ("farmer", "teacher", "child") for b in ("sells", "reads", "drinks")
             for c in ("maize", "book", "milk")]  # fmt: skip
    texts = [text for pair in pairs for text in pair]
    tokenizer = train_vocabulary(texts * 3, 120)
    for name, seed, dim in (("teacher", 1, 16), ("student", 2, 16), ("narrow", 3, 8)):
        plain = new_encoder(tokenizer, layers=1, hidden=32, max_length=64, seed=seed)
        with_head(plain, dim=dim, query_length=16, passage_length=32, seed=seed).save(folder / name)
    rows = [f"{source}\t{target}\tp{number}\n" for number, (source, target) in enumerate(pairs)]
    (folder / "sw.tsv").write_text("".join(rows))
    (folder / "xx.tsv").write_text("".join(f"{s}\t{s}\t{n}\n" for n, (s, _) in enumerate(pairs)))
    return folder


@pytest.fixture
def arguments(world, monkeypatch):
    monkeypatch.chdir(world)
    return ["evaluate-alignment", "--teacher", "teacher", "--dtype", "float32", "--device", "cpu"]


def records(out: str) -> dict[tuple, dict]:
    found = [json.loads(line) for line in out.splitlines()]
    return {(r["system"], r["language"], r["measure"]): r for r in found}


def test_gives_every_number_per_language_and_over_all(arguments, optical_here):
    code, out, _ = optical_here(
        *arguments, "--student", "student", "--bitext", "sw=sw.tsv", "--bitext", "en=xx.tsv",
        "--format", "jsonl",
    )  # fmt: skip
    found = records(out)
    assert code == 0
    assert {language for _, language, _ in found} == {"sw", "en", "all"}
    measures = {measure for _, _, measure in found}
    assert measures == {
        "alignment", "alignment/non-pairs", "transport-cost", "transport-cost/non-pairs",
        "uniformity", "teacher-uniformity", "P@1(teacher-student)", "P@1(student-teacher)",
        "P@1(teacher-student,margin)", "P@1(student-teacher,margin)",
    }  # fmt: skip
    number = found["student", "sw", "alignment"]
    assert number["low"] <= number["value"] <= number["high"]
    assert "pairs:27" in number["signature"] and "transport:ipot" in number["signature"]


def test_tokens_weigh_as_transport_is_told(arguments, optical_here):
    costs = []
    for marginals in ("real", "words", "norm", "attention", "words+norm"):
        code, out, err = optical_here(
            *arguments, "--student", "student", "--bitext", "sw=sw.tsv", "--format", "jsonl",
            "--marginals", marginals,
        )  # fmt: skip
        assert code == 0, err
        costs.append(records(out)["student", "sw", "transport-cost"]["value"])
    assert len(set(costs)) == 5


def test_a_teacher_is_aligned_with_itself(arguments, optical_here):
    _, out, err = optical_here(
        *arguments, "--student", "teacher", "--bitext", "en=xx.tsv", "--solver", "exact",
        "--format", "jsonl",
    )  # fmt: skip
    found = {measure: r["value"] for (_, _, measure), r in records(out).items()}
    assert found["alignment"] == pytest.approx(0, abs=1e-9)
    assert found["transport-cost"] == pytest.approx(0, abs=1e-5)
    assert found["uniformity"] == pytest.approx(found["teacher-uniformity"])
    assert found["P@1(teacher-student)"] == found["P@1(student-teacher,margin)"] == 1.0
    assert "collapsed" not in err


def test_over_all_a_sentence_searches_its_own_language(arguments, optical_here):
    """Parallel bitexts have one source in each language: in one pool nobody would be first."""
    same = ("--bitext", "en=xx.tsv", "--bitext", "xx=xx.tsv")
    _, out, _ = optical_here(*arguments, "--student", "teacher", *same, "--format", "jsonl")
    found = records(out)
    for measure in ("P@1(teacher-student)", "P@1(student-teacher)", "P@1(student-teacher,margin)"):
        assert found["teacher", "all", measure]["value"] == 1.0


def test_an_untrained_student_is_warned_of(arguments, optical_here):
    _, _, err = optical_here(*arguments, "--student", "student", "--bitext", "sw.tsv")
    assert "translations are hardly nearer than other sentences" in err


def test_plans_are_written_for_the_report(arguments, optical_here, tmp_path):
    plans, scores = tmp_path / "plans.jsonl", tmp_path / "scores.jsonl"
    code, out, _ = optical_here(
        *arguments, "--student", "student", "--bitext", "sw=sw.tsv", "--plans", plans,
        "--plan-pairs", "2", "-o", scores,
    )  # fmt: skip
    assert (code, out) == (0, "")
    first, second = [json.loads(line) for line in plans.read_text().splitlines()]
    assert len(first["plan"]) == len(first["rows"]) and len(first["plan"][0]) == len(first["cols"])
    assert sum(map(sum, second["plan"])) == pytest.approx(1, abs=1e-3)
    manifest = json.loads((tmp_path / "plans.jsonl.manifest.json").read_text())
    assert manifest["what"]["format"] == "optical-plans/1"
    assert (
        optical_here(*arguments, "--student", "student", "--bitext", "sw.tsv", "--plans", plans)[0]
        == 4
    )


def test_fewer_pairs_are_a_part_of_more_and_a_seed_gives_the_same_bytes(arguments, optical_here):
    tail = ["--student", "student", "--bitext", "sw.tsv", "--pairs", "9", "--format", "jsonl"]
    first = optical_here(*arguments, *tail)[1]
    assert "pairs:9" in first and optical_here(*arguments, *tail)[1] == first
    assert optical_here(*arguments, *tail, "--seed", "14")[1] != first


@pytest.mark.parametrize(
    ("tail", "code", "fault"),
    [
        (["--student", "narrow", "--bitext", "sw.tsv"], 3, "narrow: is 8 wide, the teacher 16"),
        (["--student", "student", "--bitext", "none.tsv"], 3, "none.tsv: cannot be read"),
        (["--student", "ot/so=student", "--bitext", "sw=sw.tsv"], 2, "no student of this language"),
        (["--student", "a/b/c=student", "--bitext", "sw.tsv"], 2, "expected [SYSTEM[/LANG]=]DIR"),
        (["--student", "student", "--student", "student", "--bitext", "sw.tsv"], 2, "same name"),
        (
            ["--student", "student", "--bitext", "sw.tsv", "--bitext", "so=sw.tsv"],
            2,
            "each needs a",
        ),
        (["--student", "student", "--bitext", "one.tsv"], 3, "fewer than two pairs"),
    ],
)
def test_mistakes_are_one_plain_error(arguments, optical_here, tail, code, fault):
    with open("one.tsv", "w") as stream:
        stream.write("a\tb\t1\na\tc\t2\n")
    found, out, err = optical_here(*arguments, *tail)
    assert (found, out) == (code, "") and fault in err and "Traceback" not in err
