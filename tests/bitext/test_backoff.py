import pytest

from optical_cli.bitext.backoff import BackOff, neighbor_translations, weighted_mean
from optical_cli.bitext.lexicon_settings import BackOffSettings

# So many that no n-gram of the words below is too frequent to count.
FILLERS = ["".join(chr(97 + digit) for digit in divmod(n, 26)) * 2 + "q" for n in range(400)]
LEXICON = {
    **{filler: {"filler": 1.0} for filler in FILLERS},
    "anaitwa": {"called": 0.6, "named": 0.4}, "inaitwa": {"called": 1.0}, "kitabu": {"book": 1.0},
}  # fmt: skip


def test_unknown_words_take_from_words_spelt_like_them():
    back_off = BackOff(LEXICON, BackOffSettings(min_similarity=0.3))
    assert back_off("kitabu") == {"book": 1.0}
    found = back_off("wanaitwa")
    assert list(found) == ["called", "named"] and sum(found.values()) == pytest.approx(1)
    assert 0.6 < found["called"] < 1
    assert back_off("wanaitwa") is found
    assert back_off("zzz") == {}


def test_names_are_copied_and_back_off_can_be_off():
    assert BackOff(LEXICON, BackOffSettings(), copied={"wanaitwa"})("wanaitwa") == {}
    assert BackOff(LEXICON, BackOffSettings(back_off="none"))("wanaitwa") == {}
    assert BackOff(LEXICON, BackOffSettings(back_off="none"))("kitabu") == {"book": 1.0}


def test_many_looked_up_at_once_are_what_each_is_alone():
    words = ["wanaitwa", "vitabu", "zzz", "kitabu", "fulani"]
    alone = BackOff(LEXICON, BackOffSettings(min_similarity=0.3), copied={"fulani"})
    prepared = BackOff(LEXICON, BackOffSettings(min_similarity=0.3), copied={"fulani"})
    prepared.prepare(iter(words))
    assert set(prepared._found) == {"wanaitwa", "vitabu", "zzz"}
    assert {word: prepared(word) for word in words} == {word: alone(word) for word in words}


def test_weighted_mean_by_hand():
    mean = weighted_mean([({"a": 1.0}, 3), ({"a": 0.5, "b": 0.5}, 1)])
    assert mean == {"a": 0.875, "b": 0.125}
    assert weighted_mean([]) == {}


class Alike:
    """An index in which every word is .8 like the first known word and .4 like the second."""

    words = ("anaitwa", "inaitwa")

    def similar(self, words, *, count, least):
        return [[(0, 0.8), (1, 0.4)] for _ in words]


def test_neighbors_weigh_the_square_of_their_similarity():
    """.64 and .16 of .8: called is .8 * .5 + .2 * 1, named .8 * .5."""
    lexicon = {"anaitwa": {"called": 0.5, "named": 0.5}, "inaitwa": {"called": 1.0}}
    ((word, found),) = neighbor_translations(Alike(), ["wanaitwa"], lexicon, 0.3)
    assert word == "wanaitwa"
    assert found == pytest.approx({"called": 0.6, "named": 0.4})


GREEK = {"κιτ": {"book": 1.0}, "μαγι": {"water": 1.0}}


def test_names_are_written_in_the_source_languages_letters():
    assert BackOff(GREEK, BackOffSettings()).written("ντένβερ") == "ntenver"
    assert BackOff(GREEK, BackOffSettings(romanize="none")).written("ντένβερ") == "ντένβερ"
    russian = {"kitabu": {"книга": 1.0}}
    for lexicon in (LEXICON, russian):
        assert BackOff(lexicon, BackOffSettings()).written("Денвер") == "Денвер"


def test_another_script_takes_looser_likeness():
    assert BackOff(LEXICON, BackOffSettings()).least == 0.5
    assert BackOff(GREEK, BackOffSettings()).least == pytest.approx(0.4)
    assert BackOff(GREEK, BackOffSettings(back_off="none")).least is None


def test_scripts_are_those_of_the_whole_lexicon():
    """A sorted file begins with what is written in digits and Latin letters."""
    names = {f"name{n:04}": {f"name{n:04}": 1.0} for n in range(3000)}
    greek = {f"λέξη{n:05}": {f"word{n:05}": 1.0} for n in range(9000)}
    assert BackOff(names | greek, BackOffSettings()).romanizes
