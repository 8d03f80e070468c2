"""Converters of sets that are not at hand, on small samples of their documented schemas (ours)."""

import json

import pytest

from optical_cli.errors import InputError, UsageError
from optical_cli.importers.dataset import Part
from optical_cli.importers.registry import known_sets
from optical_cli.importers.sets import irds
from optical_cli.importers.sets.nway import write_pair
from optical_cli.importers.source import Member
from optical_cli.importers.writing import Writer

LAKE = "The lake is deep. Fishers live on its shore."
LAKE_DE = "Der See ist tief. An seinem Ufer wohnen Fischer."


def test_mlqa_crosses_context_and_question_languages(convert_copy, make, tmp_path):
    first, second = (
        ("q1", "How is the lake?", 12, "deep"),
        ("q2", "Who lives there?", 18, "Fishers"),
    )
    other = ("q0", "Which?", 0, "A")
    german = [("q2", "Wer wohnt dort?", 18, "Fischer")]
    members = {
        "MLQA_V1/test/test-context-en-question-en.json":
            make.squad(("Lake", [("Another text.", [other]), (LAKE, [first, second])])),
        "MLQA_V1/test/test-context-en-question-de.json": make.squad(("Lake", [(LAKE, german)])),
        "MLQA_V1/test/test-context-de-question-de.json": make.squad(("See", [(LAKE_DE, german)])),
        "MLQA_V1/dev/dev-context-en-question-de.json": make.squad(("Lake", [(LAKE, german)])),
    }  # fmt: skip
    copy = make.zip(tmp_path / "MLQA_V1.zip", {k: json.dumps(v) for k, v in members.items()})
    made = convert_copy("mlqa", copy, langs=("de",), splits=("test",))
    assert made["queries.de.test.tsv"] == ["q2\tWer wohnt dort?"]
    # Ids do not depend on which question languages are asked for.
    assert made["collection.tsv"] == ["en-00000\tAnother text.", f"en-00001\t{LAKE}"]
    assert made["qrels.en-de.test.txt"] == ["q2 0 en-00001 1"]
    assert "queries.en.test.tsv" not in made and "qrels.de-de.test.txt" not in made
    both = convert_copy("mlqa", copy, passage_langs=("de", "en"), splits=("test",))
    assert both["collection.de.tsv"] == [f"de-00000\t{LAKE_DE}"]
    assert both["qrels.de-de.test.txt"] == ["q2 0 de-00000 1"]


def lareqa(make, text, breaks, start, question):
    document = make.squad(("Lake", [(text, [("q1", question, start, text[start : start + 4])])]))
    paragraph = document["data"][0]["paragraphs"][0]
    paragraph |= {"sentence_breaks": breaks, "sentences": [text[a:b] for a, b in breaks]}
    return document


def test_lareqa_answers_with_the_sentence_of_every_language(convert_copy, make, tmp_path):
    make.json(tmp_path / "xquad-r/en.json", lareqa(make, LAKE, [[0, 17], [18, 44]], 18, "Who?"))
    make.json(tmp_path / "xquad-r/de.json", lareqa(make, LAKE_DE, [[0, 17], [18, 48]], 40, "Wer?"))
    made = convert_copy("xquad-r", tmp_path)
    assert made["collection.tsv"][1] == "de-p0000-s01\tAn seinem Ufer wohnen Fischer."
    assert made["doc-languages.tsv"][1] == "de-p0000-s01\tde"
    assert made["qrels.txt"] == ["q1 0 de-p0000-s01 1", "q1 0 en-p0000-s01 1"]
    assert made["queries.de.tsv"] == ["q1\tWer?"]
    one = convert_copy("xquad-r", tmp_path, passage_langs=("en",))
    assert one["qrels.txt"] == ["q1 0 en-p0000-s01 1"]


def test_xglue_groups_consecutive_rows_of_a_query(convert_copy, make, tmp_path):
    wpr = "cats\tCats\tAll of cats\t4\ncats\tDogs\tNone\tBad\nsun\tSun\tHot\tgood\n"
    qam = "who?\tthe king\t1\nwho?\tnobody\t0\n"
    copy = make.tar(tmp_path / "xglue.tar.gz", {
        "x/WPR/xglue.wpr.de.dev": wpr.encode(), "x/WPR/xglue.wpr.de.test": b"a\tb\tc\n",
        "x/QAM/xglue.qam.fr.dev": qam.encode(),
    })  # fmt: skip
    made = convert_copy("xglue-wpr", copy, langs=("de",))
    assert made["queries.de.dev.tsv"] == ["wpr-de-dev-q000000\tcats", "wpr-de-dev-q000001\tsun"]
    assert made["collection.de.dev.tsv"][0] == "wpr-de-dev-d000000\tCats All of cats"
    assert [row.split()[3] for row in made["qrels.de.dev.txt"]] == ["4", "0", "2"]
    assert [row.split()[0][-1] for row in made["qrels.de.dev.txt"]] == ["0", "0", "1"]
    assert [r.split()[3] for r in convert_copy("xglue-qam", copy)["qrels.fr.dev.txt"]] == ["1", "0"]
    assert convert_copy.left_out == {}
    convert_copy("xglue-wpr", copy)
    assert convert_copy.left_out == {"x/WPR/xglue.wpr.de.test: no labels": 1}
    with pytest.raises(
        InputError, match=r"xglue\.wpr\.de\.test: has no labels: it is of before 2020"
    ):
        convert_copy("xglue-wpr", copy, splits=("test",))
    anew = make.tar(tmp_path / "anew.tar.gz", {"WPR/xglue.wpr.de.test": b"a\tb\tc\t3\n"})
    made = convert_copy("xglue-wpr", anew, splits=("test",))
    assert [row.split()[3] for row in made["qrels.de.test.txt"]] == ["3"]
    bad = make.tar(tmp_path / "bad.tar.gz", {"xglue.wpr.de.dev": b"a\tb\tc\t2\na\tb\tc\tgreat\n"})
    with pytest.raises(InputError, match=r"xglue\.wpr\.de\.dev:2: label 'great'"):
        convert_copy("xglue-wpr", bad)


def belebele(link, number, passage, question):
    answers = {f"mc_answer{i}": str(i) for i in range(1, 5)}
    return {"link": link, "question_number": number, "flores_passage": passage, "ds": "2023",
            "question": question, "dialect": "x", "correct_answer_num": "1"} | answers  # fmt: skip


def test_belebele_is_parallel_and_never_bitext(convert_copy, make, tmp_path):
    rows = [("l1", 1, "Rain fell.", "What fell?"), ("l1", 2, "Rain fell.", "Did it?"),
            ("l2", 1, "Sun shone.", "What shone?")]  # fmt: skip
    make.json(tmp_path / "eng_Latn.jsonl", *(belebele(*row) for row in rows))
    swahili = (belebele(a, b, f"sw {c}", f"sw {d}") for a, b, c, d in reversed(rows))
    make.json(tmp_path / "swh_Latn.jsonl", *swahili)
    made = convert_copy("belebele", tmp_path, langs=("sw",), passage_langs=("en", "sw"))
    english = dict(row.split("\t") for row in made["collection.tsv"])
    foreign = dict(row.split("\t") for row in made["collection.swh_Latn.tsv"])
    assert foreign == {doc: f"sw {text}" for doc, text in english.items()} and len(english) == 2
    asked = dict(row.split("\t") for row in made["queries.swh_Latn.tsv"])
    judged = {row.split()[0]: english[row.split()[2]] for row in made["qrels.txt"]}
    assert {asked[q]: text for q, text in judged.items()} == {
        f"sw {question}": passage for _, _, passage, question in rows
    }
    assert not [name for name in made if name.startswith("bitext")]
    with pytest.raises(UsageError, match="FLORES is what Belebele"):
        convert_copy("flores", tmp_path)


def test_belebele_ids_depend_on_no_translation(convert_copy, make, tmp_path):
    rows = [("l1", 1, "Rain.", "What fell?"), ("l1", 2, "Rain.", "Did it?"),
            ("l1", 1, "Sun.", "What shone?"), ("l2", 1, "Snow.", "And?")]  # fmt: skip
    make.json(tmp_path / "eng_Latn.jsonl", *(belebele(*row) for row in rows))
    # One passage is spelled in two ways, and the last question is another.
    sw = [("l1", 1, "Mvua.", "Nini?"), ("l1", 2, "Mvua", "Je?"), ("l1", 1, "Jua.", "Nini?"),
          ("l2", 2, "Theluji.", "Na?")]  # fmt: skip
    make.json(tmp_path / "swh_Latn.jsonl", *(belebele(*row) for row in sw))
    made = convert_copy("belebele", tmp_path, langs=("sw",), passage_langs=("en", "sw"))
    ids = [row.split()[0] for row in made["qrels.txt"]]
    assert [row.split("\t")[0] for row in made["queries.swh_Latn.tsv"]] == ids[:3]
    assert len(made["collection.tsv"]) == len(made["collection.swh_Latn.tsv"]) == 3
    assert convert_copy.left_out == {
        "swh_Latn: a passage's second spelling": 1,
        "swh_Latn: questions that only eng_Latn has": 1,
        "swh_Latn: questions that eng_Latn lacks": 1,
    }
    twice = [belebele(*rows[0]) | {"split": "dev"}] * 2
    make.json(tmp_path / "eng_Latn.jsonl", *twice)
    with pytest.raises(InputError, match=r"eng_Latn\.jsonl:2: question 1 of l1 \(dev\) is there"):
        convert_copy("belebele", tmp_path, langs=("en",))


def test_flores_is_refused_whatever_it_is_called(convert_copy, make, tmp_path):
    for name in ("eng_Latn.dev", "swh_Latn.dev"):
        (tmp_path / name).write_text("A line.\n")
    for kind in ("nway", "opus"):
        with pytest.raises(UsageError, match=r"eng_Latn\.dev looks like .*FLORES is what Belebele"):
            convert_copy(kind, tmp_path, langs=("sw",))
    for name in ("eng_Latn.dev", "swh_Latn.dev"):
        (tmp_path / name).unlink()
    moses = {"Mini.en-sw.en": "One.\n", "Mini.en-sw.sw": "Moja.\n"}
    with pytest.raises(UsageError, match="FLORES/v200: FLORES is what Belebele"):
        convert_copy("opus:FLORES/v200", make.zip(tmp_path / "en-sw.txt.zip", moses))
    moses = {name.replace("Mini", "flores200"): text for name, text in moses.items()}
    for kind in ("opus:Mini/v1", "nway"):
        with pytest.raises(UsageError, match=r"flores200\.en-sw\.en looks like a file of FLORES"):
            convert_copy(kind, make.zip(tmp_path / "en-sw.txt.zip", moses))
    part = Part("opus", "FLORES/v200", langs=("sw",))
    with pytest.raises(UsageError, match="FLORES: FLORES is what Belebele"):
        known_sets()["opus"].files(part)


def test_ciral_has_english_questions(convert_copy, make, tmp_path):
    passage = {"docid": "d#1", "title": "Habari", "text": "Mvua imenyesha.", "url": "u"}
    make.json(tmp_path / "passages-v1.0/swahili_passages.jsonl", passage)
    (tmp_path / "topics.ciral-v1.0-sw-dev.tsv").write_text("7\tDid it rain?\n")
    (tmp_path / "qrels.ciral-v1.0-sw-dev.tsv").write_text("7 Q0 d#1 1\n")
    made = convert_copy("ciral", tmp_path)
    assert made["collection.sw.tsv"] == ["id\ttitle\ttext", "d#1\tHabari\tMvua imenyesha."]
    assert made["queries.en-for-sw.dev.tsv"] == ["7\tDid it rain?"]
    assert made["qrels.sw.dev.txt"] == ["7 0 d#1 1"]


def test_xor_tydi_by_language_and_split(convert_copy, make, tmp_path):
    rows = (
        {"id": "1", "lang": "ja", "question": "いつ?", "answers": ["1890"]},
        {"id": "2", "lang": "fi", "question": "Kuka?", "answers": ["X"]},
    )
    make.json(tmp_path / "xor_dev_retrieve_eng_span.jsonl", *rows)
    made = convert_copy("xor-tydi", tmp_path, langs=("fi",))
    assert made["queries.fi.dev.tsv"] == ["2\tKuka?"] and "queries.ja.dev.tsv" not in made
    make.json(
        tmp_path / "gp_squad_dev_data.json",
        make.squad(("T", [("In 1890.", [("1", "?", 3, "1890")])])),
    )
    gold = convert_copy("xor-tydi", tmp_path)
    assert gold["collection.tsv"] == ["x000000\tIn 1890."]
    assert gold["qrels.dev.txt"] == ["1 0 x000000 1"]


def test_mkqa_has_questions_alone(convert_copy, make, tmp_path):
    record = {
        "example_id": -71,
        "query": "who",
        "queries": {"en": "who", "zh_cn": "谁"},
        "answers": {},
    }
    make.json(tmp_path / "mkqa.jsonl", record)
    assert convert_copy("mkqa", tmp_path, langs=("zh_cn",))["queries.zh_cn.tsv"] == ["-71\t谁"]
    with pytest.raises(InputError, match=r"mkqa\.jsonl:1: queries\.th: missing"):
        convert_copy("mkqa", tmp_path, langs=("th",))


OLD_TOPICS = """<?xml version="1.0" encoding="UTF-8"?>
<top>
<num> C041 </num>
<SW-title> Mafuriko &amp; mvua </SW-title>
<SW-desc> Tafuta habari za
mafuriko. </SW-desc>
<SW-narr> Hadithi. </SW-narr>
</top>
"""
NEW_TOPICS = """<topics><topic lang="fr">
<identifier>10.2452/451-AH</identifier><title>Crue à Lyon</title>
<description>Trouver.</description><narrative>Long.</narrative></topic></topics>
"""
NEWS = """<DOC>
<DOCNO> GH1 </DOCNO>
<HEADLINE>Floods at the caf\xe9</HEADLINE>
<TEXT>
Water <b>rose</b>. &pound;5.
</TEXT>
</DOC>
<DOC><DOCNO>GH2</DOCNO><HEADLINE>A caption</HEADLINE></DOC>
"""


def test_clef_from_a_folder(convert_copy, tmp_path):
    (tmp_path / "Top-sw03.txt").write_text(OLD_TOPICS)
    (tmp_path / "fr.xml").write_text(NEW_TOPICS, encoding="utf-8")
    (tmp_path / "gh95.sgml").write_text(NEWS, encoding="iso-8859-1")
    (tmp_path / "qrels_EN2003").write_text("41 0 GH1 1\n41 0 GH2 0\n")
    made = convert_copy("clef", tmp_path)
    assert made["queries.sw.tsv"] == ["C041\tMafuriko & mvua Tafuta habari za mafuriko."]
    assert made["queries.fr.tsv"] == ["C451\tCrue à Lyon Trouver."]
    assert made["collection.tsv"][1:] == [
        "GH1\tFloods at the café\tWater rose . £5.", "GH2\t\tA caption",
    ]  # fmt: skip
    assert made["qrels.en.txt"] == ["C041 0 GH1 1", "C041 0 GH2 0"]
    titles = convert_copy("clef", tmp_path, fields=("title",), langs=("sw",))
    assert titles["queries.sw.tsv"] == ["C041\tMafuriko & mvua"]
    (tmp_path / "gh95.sgml").write_text(NEWS[:-30])
    with pytest.raises(InputError, match=r"gh95\.sgml:8: <DOC> does not end"):
        convert_copy("clef", tmp_path)


def news(doc_id, text="Text."):
    return f"<DOC>\n<DOCNO>{doc_id}</DOCNO>\n<TEXT>\n{text}\n</TEXT>\n</DOC>"


def test_clef_records_may_begin_where_others_end(convert_copy, tmp_path):
    topics = "".join(
        f'<topic lang="en"><identifier>{n}-AH</identifier><title>T{n}</title></topic>'
        for n in (41, 42)
    )
    (tmp_path / "top.xml").write_text(f"<topics>{topics}</topics>")
    # Larger than a block of what is read, and all on few lines, so that tags lie across blocks.
    ids = [f"LA{n:06d}-0001" for n in range(3000)]
    (tmp_path / "la94").write_text("".join(news(i, f"Text {i}. " * 20) for i in ids))
    made = convert_copy("clef", tmp_path)
    assert made["queries.en.tsv"] == ["C041\tT41", "C042\tT42"]
    assert [row.split("\t")[0] for row in made["collection.tsv"][1:]] == ids
    (tmp_path / "la94").write_text(news("LA1") + "\n<DOC>\n" + news("LA2"))
    with pytest.raises(InputError, match=r"la94:7: <DOC> does not end"):
        convert_copy("clef", tmp_path)


def test_clef_topics_of_direct_have_the_language_in_their_name(convert_copy, tmp_path):
    topic = "<topics><topic><identifier>41-AH</identifier><title>Titel</title></topic></topics>"
    (tmp_path / "de_topics.xml").write_text(topic)
    assert convert_copy("clef", tmp_path)["queries.de.tsv"] == ["C041\tTitel"]
    (tmp_path / "de_topics.xml").rename(tmp_path / "topics.xml")
    with pytest.raises(InputError, match=r"topics\.xml:1: topic without a language"):
        convert_copy("clef", tmp_path)


def test_clef_documents_and_judgements_are_of_the_wanted_language(convert_copy, tmp_path):
    (tmp_path / "en").write_text(news("LA010194-0001") + news("GH950102-000000"))
    (tmp_path / "de").write_text(news("FR940101-000001") + news("SDA.940101.0001"))
    (tmp_path / "other").write_text(news("XY1"))
    (tmp_path / "en2003.qrels").write_text("41 0 GH950102-000000 1\n")
    (tmp_path / "multi.txt").write_text("41-AH 0 FR940101-000001 1\n041 0 GH950102-000000 1\n")
    (tmp_path / "readme.txt").write_text("Some words.\n")
    made = convert_copy("clef", tmp_path)
    assert [row.split("\t")[0] for row in made["collection.tsv"][1:]] == [
        "GH950102-000000", "LA010194-0001",
    ][::-1]  # fmt: skip
    assert made["newspapers.tsv"] == ["GH\ten\t1", "LA\ten\t1"]
    assert made["qrels.en.txt"] == ["C041 0 GH950102-000000 1"]
    assert convert_copy.left_out == {
        "readme.txt: no topics, documents or judgements": 1,
        "documents FR*, in de": 1, "documents SDA*, in de": 1,
        "documents XY*, of no known language": 1,
        "judgements of documents in other languages": 1,
    }  # fmt: skip
    both = convert_copy("clef", tmp_path, passage_langs=("en", "de"))
    assert len(both["collection.de.tsv"]) == 3 and both["collection.tsv"] == made["collection.tsv"]
    assert both["qrels.de.txt"] == ["C041 0 FR940101-000001 1"]
    named = convert_copy("clef:xy", tmp_path, passage_langs=("sw",))
    assert named["collection.sw.tsv"][1:] == ["XY1\t\tText."]
    with pytest.raises(InputError, match=r"no documents in fr; their ids begin with FR \(de\), GH"):
        convert_copy("clef", tmp_path, passage_langs=("fr",))
    (tmp_path / "multi.txt").write_text("41 0 GH950102-000000 0\n")
    with pytest.raises(InputError, match=r"multi\.txt:1: C041 and GH950102-000000 are judged"):
        convert_copy("clef", tmp_path)


def test_beir_folder(convert_copy, make, tmp_path):
    folder = tmp_path / "set"
    make.json(folder / "corpus.jsonl", {"_id": "d1", "title": "T", "text": "Text"})
    make.json(folder / "queries.jsonl", {"_id": "q1", "text": "what"})
    (folder / "qrels").mkdir()
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n")
    made = convert_copy("beir", folder)
    assert made["collection.tsv"] == ["id\ttitle\ttext", "d1\tT\tText"]
    assert made["qrels.test.txt"] == ["q1 0 d1 2"]
    (folder / "qrels/test.tsv").write_text("q1\td1\t.5\n")
    with pytest.raises(InputError, match=r"test\.tsv:1: score '\.5' is not a whole number"):
        convert_copy("beir", folder)
    (folder / "corpus.jsonl").unlink()
    with pytest.raises(InputError, match=r"is no BEIR folder: no corpus\.jsonl"):
        convert_copy("beir", folder)


def test_a_judged_title_without_a_text_is_a_document(convert_copy, make, tmp_path):
    titled = [{"_id": "d1", "title": "Viruses", "text": ""}, {"_id": "d2", "title": "", "text": ""}]
    make.json(tmp_path / "corpus.jsonl", *titled)
    make.json(tmp_path / "queries.jsonl", {"_id": "q1", "text": "what"})
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels/test.tsv").write_text("q1\td1\t1\n")
    assert convert_copy("beir", tmp_path)["collection.tsv"][1:] == ["d1\t\tViruses"]
    assert convert_copy.left_out == {"collection.tsv: no text": 1}


def test_beir_sets_that_are_folders_of_sets(convert_copy, make, tmp_path):
    members = {}
    for name in ("android", "english"):
        members[f"cqadupstack/{name}/corpus.jsonl"] = f'{{"_id": "d", "text": "{name}"}}'
        members[f"cqadupstack/{name}/queries.jsonl"] = '{"_id": "q", "text": "what"}'
        members[f"cqadupstack/{name}/qrels/test.tsv"] = "q\td\t1\n"
    copy = make.zip(tmp_path / "cqadupstack.zip", members)
    for given in ("beir:cqadupstack/english", "beir:english"):
        assert convert_copy(given, copy)["collection.tsv"][1] == "d\t\tenglish"
    for given in ("beir", "beir:cqadupstack", "beir:cqadupstack/none"):
        with pytest.raises(UsageError, match=r"android, english: .* as beir:\w+/android"):
            convert_copy(given, copy)
    files = known_sets()["beir"].files(Part("beir", "cqadupstack/android"))
    assert [file.name for file in files] == ["cqadupstack.zip"]


def test_opus_zip_with_its_license(convert_copy, make, tmp_path):
    copy = make.zip(tmp_path / "en-sw.txt.zip", {
        "Mini.en-sw.en": "One.\nTwo.\n\n", "Mini.en-sw.sw": "Moja.\nMbili.\nTatu.\n",
        "LICENSE": "Free.\n",
    })  # fmt: skip
    made = convert_copy("opus:Mini/v1", copy, langs=("sw",))
    assert made["bitext.en-sw.tsv"] == ["One.\tMoja.", "Two.\tMbili."]
    assert made["LICENSE.opus.txt"] == ["Free."]
    assert convert_copy.left_out == {"bitext.en-sw.tsv: a side is blank": 1}
    with pytest.raises(InputError, match="has no pair with fr; it has en-sw"):
        convert_copy("opus:Mini/v1", copy, source_lang="fr")


def test_opus_zips_of_several_pairs(convert_copy, make, tmp_path):
    for lang in ("sw", "tr"):
        make.zip(tmp_path / f"en-{lang}.txt.zip", {
            f"Mini.en-{lang}.en": "One.\n", f"Mini.en-{lang}.{lang}": f"{lang}.\n",
            "LICENSE": "Free.\n",
        })  # fmt: skip
    made = convert_copy("opus:Mini/v1", tmp_path)
    assert made["bitext.en-sw.tsv"] == ["One.\tsw."] and made["bitext.en-tr.tsv"] == ["One.\ttr."]
    assert made["LICENSE.opus.txt"] == ["Free."]


def test_unequal_lengths_are_not_bitext(convert_copy, tmp_path):
    (tmp_path / "n.en").write_text("One.\nTwo.\n")
    (tmp_path / "n.sw").write_text("Moja.\n")
    with pytest.raises(InputError, match=r"has 2 lines, .*n\.sw has 1: they are not line-aligned"):
        convert_copy("nway", tmp_path)
    (tmp_path / "n.sw").write_text("Moja.\nMbili.\nTatu.\nNne.\n")
    with pytest.raises(InputError, match=r"n\.en: has 2 lines, .*n\.sw has 4: they are not"):
        convert_copy("nway", tmp_path)
    (tmp_path / "n.sw").write_text("")
    with pytest.raises(InputError, match=r"n\.en: has 2 lines, .*n\.sw has 0: they are not"):
        convert_copy("nway", tmp_path)


def write_lines(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        (folder / name.replace("__", ".").replace("_", "-")).write_text(
            "".join(f"{x}\n" for x in lines)
        )


def test_what_else_lies_in_an_nway_folder(convert_copy, tmp_path):
    write_lines(tmp_path, t__en=["One."], t__sw=["Moja."], README__md=["Words.", "Words."])
    made = convert_copy("nway", tmp_path)
    assert set(made) == {"bitext.en-sw.tsv", "LICENSE.txt"}
    assert made["bitext.en-sw.tsv"] == ["One.\tMoja."]
    write_lines(tmp_path, dev__en=["Two."], dev__sw=["Mbili."])
    with pytest.raises(InputError, match=r"has several texts: dev\.LANG, t\.LANG"):
        convert_copy("nway", tmp_path)
    write_lines(tmp_path / "alone", t__en=["One."], README__md=["Words."])
    with pytest.raises(InputError, match="nothing of what was asked for"):
        convert_copy("nway", tmp_path / "alone")
    write_lines(tmp_path / "alone", maandishi__sw=["Moja."])
    assert convert_copy("nway", tmp_path / "alone")["bitext.en-sw.tsv"] == ["One.\tMoja."]


def test_nway_takes_the_folder_of_ntrex(convert_copy, tmp_path):
    write_lines(
        tmp_path, newstest2019_src__eng__txt=["One."], newstest2019_ref__spa__txt=["Uno."],
        newstest2019_ref_2__spa__txt=["Un."], newstest2019_ref__swa__txt=["Moja."],
        newstest2019_ref__eng_GB__txt=["One, Sir."], README__md=["Words."],
    )  # fmt: skip
    made = convert_copy("nway", tmp_path)
    assert made["bitext.eng-spa.tsv"] == ["One.\tUno."]
    assert made["bitext.eng-swa.tsv"] == ["One.\tMoja."]
    assert len([name for name in made if name.startswith("bitext")]) == 2
    assert set(convert_copy("ntrex", tmp_path)) == {*made, "bitext.eng-eng-GB.tsv"}


def test_long_files_are_read_in_step(tmp_path):
    """Neither side is ever read more than a block ahead of the other, so neither is held."""
    given = []

    def member(side):
        def blocks():
            for _ in range(20):
                given.append(side)
                yield f"{side}\n".encode() * 50

        return Member(side, side, tmp_path, blocks)

    write_pair(member("en"), member("sw"), "bitext.tsv", Writer(tmp_path))
    assert given == ["en", "sw"] * 20
    assert (tmp_path / "bitext.tsv").read_text() == "en\tsw\n" * 1000


def test_ir_datasets_by_its_own_names(convert_copy, tmp_path):
    ir_datasets = pytest.importorskip("ir_datasets")
    (tmp_path / "docs.tsv").write_text("d1\tWater boils.\n")
    (tmp_path / "queries.tsv").write_text("q1\twhat boils?\n")
    (tmp_path / "qrels").write_text("q1 0 d1 1\n")
    name = "optical-test-set"
    if name not in ir_datasets.registry:
        ir_datasets.registry.register(name, ir_datasets.create_dataset(
            docs_tsv=str(tmp_path / "docs.tsv"), queries_tsv=str(tmp_path / "queries.tsv"),
            qrels_trec=str(tmp_path / "qrels"),
        ))  # fmt: skip
    made = convert_copy(f"irds:{name}", tmp_path)
    assert made["collection.tsv"] == ["d1\tWater boils."]
    assert made["queries.tsv"] == ["q1\twhat boils?"] and made["qrels.txt"] == ["q1 0 d1 1"]
    assert f"Terms: see https://ir-datasets.com/{name}.html#{name}" in made["LICENSE.txt"]
    assert convert_copy.downloads == [{"ir_datasets": ir_datasets.__version__, "dataset": name}]
    with pytest.raises(UsageError, match="ir_datasets has no mmarco/none; it has mmarco"):
        convert_copy("irds:mmarco/none", tmp_path)


def test_terms_and_hashes_of_a_set_of_ir_datasets():
    ir_datasets = pytest.importorskip("ir_datasets")
    name = "msmarco-passage/train/triples-small"
    data = ir_datasets.load(name)  # Downloads nothing yet.
    terms = list(irds._terms(data, name))
    assert [line for line in terms if line.startswith("ir_datasets asks:") and "agree" in line]
    assert [line for line in terms if "A passage ranking benchmark" in line]
    digests = {entry.get("md5") for entry in irds._origins(data, name)}
    assert "31644046b18952c1386cd4564ba2ae69" in digests and len(digests) == 5


def test_what_is_known_of_the_license_of_a_beir_set(convert_copy, make, tmp_path):
    make.json(tmp_path / "corpus.jsonl", {"_id": "d", "text": "Text"})
    make.json(tmp_path / "queries.jsonl", {"_id": "q", "text": "what"})
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels/test.tsv").write_text("q\td\t1\n")
    told = {name: convert_copy(name, tmp_path)["LICENSE.txt"][2]
            for name in ("beir", "beir:hotpotqa", "beir:fiqa", "beir:scidocs")}  # fmt: skip
    assert told["beir"].startswith("Whose set this is") and "appendix E" in told["beir"]
    assert told["beir:hotpotqa"] == "License of hotpotqa: CC BY-SA 4.0."
    assert "its authors state none" in told["beir:fiqa"]
    assert told["beir:scidocs"].startswith("License of scidocs: not known here. BEIR's paper")
