"""The world as a whole: sizes, judgements, what may not occur where, and equal bytes."""

import dataclasses
import re

import pytest

from optical_cli.errors import UsageError
from optical_cli.toy import ToySettings, build_world, write_world
from optical_cli.toy.lexicon import ADJECTIVES, MANNERS, NOUNS, PERSON_NAMES, PLACES, TOWNS, VERBS
from optical_cli.toy.lexicon.entries import with_s

SMALL = ToySettings(passages=60, queries=20, triples=80, pairs=240, dirt=0.1, alignments=40)


@pytest.fixture(scope="module")
def world():
    return build_world(ToySettings(), 13)


def english_entries():
    """What each English word form can stand for."""
    forms = {}

    def add(form, entry):
        forms.setdefault(form.lower(), set()).add(entry)

    for entry in NOUNS:
        for wording in entry.english:
            for form in wording:
                add(form, entry)
    for entry in VERBS:
        for verb in entry.english:
            for form in (verb.base, with_s(verb.base), verb.past, verb.participle):
                add(form, entry)
    for entry in ADJECTIVES:
        for form in entry.english:
            add(form, entry)
    for entry in (*PERSON_NAMES, *TOWNS, *MANNERS):
        add(entry.key, entry)
    return forms


ENTRIES = english_entries()


def meanings(text):
    """The content words of a text: the entries that each can stand for, and if it is a place."""
    words = re.findall(r"((?:at|in|on) the )?(\w+)", text.lower())
    return [{(entry, bool(at)) for entry in ENTRIES[word]} for at, word in words if word in ENTRIES]


def says_all(text, wanted):
    said = set().union(*meanings(text))
    return all(entries & said for entries in wanted)


def test_sizes_are_those_asked_for(world):
    sizes = ToySettings()
    assert len(world.passages) == sizes.passages
    assert len(world.queries) == sizes.queries >= 100
    assert len(world.triples) == sizes.triples
    assert len(world.bitext) == len(world.dirt) == sizes.pairs
    assert len(world.alignments) == sizes.alignments
    assert sum(map(bool, world.dirt)) == round(sizes.pairs * sizes.dirt)


def test_relevant_passages_say_all_that_the_query_names(world):
    for query in world.queries:
        wanted = meanings(query.english)
        assert len(wanted) >= 2
        assert 1 <= len(query.relevant) <= 3
        assert all(says_all(world.passages[i].text, wanted) for i in query.relevant), query


def test_other_passages_say_it_in_no_sentence(world):
    for query in world.queries:
        wanted = meanings(query.english)
        for i, passage in enumerate(world.passages):
            if i not in query.relevant:
                assert not any(says_all(s, wanted) for s in passage.sentences), (query, passage)


def test_queries_ask_the_same_in_both_languages(world):
    names = {entry.text for entry in (*PERSON_NAMES, *TOWNS)}
    asks = {"Who": "nani", "Where": "wapi", "When": "lini", "What": "nini", "How": "ngapi"}
    for query in world.queries:
        first, last = query.english.split()[0], query.english[-1]
        assert asks[first] in query.swahili.lower() and last == query.swahili[-1] == "?"
        shared = {word for word in re.findall(r"\w+", query.english)} & names
        assert shared == {word for word in re.findall(r"\w+", query.swahili)} & names


def test_names_and_cognates_give_little_away(world):
    """Words that both languages share leave many passages to choose from."""
    for query in world.queries:
        english = set(re.findall(r"\w+", query.english.lower()))
        shared = english & set(re.findall(r"\w+", query.swahili.lower()))
        candidates = [p for p in world.passages
                      if shared <= set(re.findall(r"\w+", p.text.lower()))]  # fmt: skip
        assert len(candidates) >= 10, (query, shared)


def test_many_queries_use_other_words_than_the_passage(world):
    def in_other_words(query):
        passages = [world.passages[i].text.lower() for i in query.relevant]
        words = [word for word in re.findall(r"\w+", query.english.lower()) if word in ENTRIES]
        return all(any(word not in passage for word in words) for passage in passages)

    assert sum(map(in_other_words, world.queries)) >= len(world.queries) / 3


def test_bitext_and_alignments_hold_no_query_and_no_sentence_of_a_passage(world):
    asked = {side for query in world.queries for side in (query.english, query.swahili)}
    told = {sentence for passage in world.passages for sentence in passage.sentences}
    lines = [line.decode(errors="replace").strip().split("\t") for line in world.bitext]
    assert not (asked | told) & {side for line in lines for side in line}
    assert not (asked | told) & {side for p in world.alignments for side in (p.source, p.target)}


def test_alignments_are_of_sentences_outside_the_bitext(world):
    lines = [line.decode(errors="replace").strip().split("\t") for line in world.bitext]
    assert not {side for line in lines for side in line} & {p.source for p in world.alignments}


def test_triples_share_neither_queries_nor_passages_with_the_test(world):
    asked = {query.english for query in world.queries}
    texts = {passage.text for passage in world.passages}
    assert not asked & {triple.query for triple in world.triples}
    assert not texts & {text for triple in world.triples for text in triple[1:]}


def test_the_positive_of_a_triple_answers_and_the_negative_does_not(world):
    for triple in world.triples:
        wanted = meanings(triple.query)
        assert says_all(triple.positive, wanted)
        sentences = re.split(r"(?<=\.) ", triple.negative)
        assert not any(says_all(sentence, wanted) for sentence in sentences), triple


def test_every_swahili_word_of_a_query_is_in_the_bitext_or_has_its_stem_there(world):
    bitext = b"".join(world.bitext).decode(errors="replace").lower()
    known = set(re.findall(r"[\w']+", bitext))
    asked = {word for q in world.queries for word in re.findall(r"[\w']+", q.swahili.lower())}
    unseen = {word for word in asked if word not in known}
    assert len(unseen) <= len(asked) / 5
    stems = {stem for entry in VERBS for stem in entry.swahili}
    stems |= {entry.swahili.removeprefix("-") for entry in ADJECTIVES}
    assert all(any(word.endswith(stem) and stem in bitext for stem in stems) for word in unseen)


def forms_of_noun(entry):
    return {*entry.swahili, entry.locative} - {None}


def test_alignments_link_every_word_within_range(world):
    for pair in world.alignments:
        links = pair.links()
        assert {i for i, _ in links} == set(range(len(pair.english)))
        unlinked = set(range(len(pair.swahili))) - {j for _, j in links}
        assert {pair.swahili[j].text for j in unlinked} <= {","}


def test_nouns_and_adjectives_are_linked_to_their_translations(world):
    noun_of = {f: e for e in NOUNS for wording in e.english for f in wording}
    only_nouns = {f: e for f, e in noun_of.items() if ENTRIES[f] == {e}}
    checked = 0
    for pair in world.alignments:
        links = pair.links()
        for i, word in enumerate(pair.english):
            if entry := only_nouns.get(word.text.lower()):
                linked = {pair.swahili[j].text.lower() for one, j in links if one == i}
                assert linked & forms_of_noun(entry), (pair.source, pair.target)
                checked += 1
    assert checked > len(world.alignments)


def test_some_swahili_words_say_several_english_ones_and_order_differs(world):
    links = [pair.links() for pair in world.alignments]
    assert any(sum(1 for _, k in of_pair if k == j) >= 3 for of_pair in links for _, j in of_pair)
    crossing = [any(a < c and b > d for a, b in of_pair for c, d in of_pair) for of_pair in links]
    assert sum(crossing) >= len(links) / 3


def test_same_seed_same_bytes_and_another_seed_another_world(tmp_path):
    for name, seed in (("one", 13), ("two", 13), ("other", 14)):
        (tmp_path / name).mkdir()
        write_world(tmp_path / name, SMALL, seed)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [
        "alignment.jsonl", "bitext.tsv", "collection.tsv", "qrels.txt", "queries.en.tsv",
        "queries.sw.tsv", "triples.tsv",
    ]  # fmt: skip
    for name in names:
        one, two, other = ((tmp_path / of / name).read_bytes() for of in ("one", "two", "other"))
        assert one == two != other


def test_the_size_of_one_part_leaves_the_others_as_they_are():
    one, more = (
        build_world(dataclasses.replace(SMALL, triples=triples), 13) for triples in (80, 120)
    )
    assert one.bitext == more.bitext and one.queries == more.queries
    assert one.passages == more.passages and one.triples != more.triples


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"passages": 0}, "--passages 0: must be at least 1"),
        ({"dirt": 0.9}, "--dirt 0.9"),
        ({"dirt": float("nan")}, "--dirt nan"),
        ({"passages": 2, "queries": 500}, "2 passages give only"),
    ],
)
def test_impossible_sizes_are_refused(change, message):
    with pytest.raises(UsageError, match=message):
        build_world(dataclasses.replace(SMALL, **change), 13)


def test_places_are_told_in_the_form_of_their_own(world):
    """Nobody says *katika sokoni*: a place has its locative or *katika*, never both."""
    locatives = "|".join(place.locative for place in PLACES)
    for pair in world.alignments:
        assert not re.search(rf"katika ({locatives})\b", pair.target)
