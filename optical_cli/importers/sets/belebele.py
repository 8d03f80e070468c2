"""Belebele: questions about one passage each, parallel in 122 language variants.

A zip of ``VARIANT.jsonl`` files (FLORES-200 codes such as ``swh_Latn``), one question a line:
``link``, ``question_number``, ``flores_passage``, ``question``, ``mc_answer1`` to ``4``,
``correct_answer_num``, ``dialect``. ``link`` and ``split`` name the passage, ``question_number``
one of its one or two questions. Documented in the README of facebookresearch/belebele.

Files without a ``split`` may have a question of one link and number twice: it is then of another
passage, and the order of the file tells which. Ids are made of these alone, and of nothing that is
translated, so that they are the same in every language.

The passages are FLORES-200, a test set of translation: they are written as collections, never as
bitext.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field

from optical_cli.importers.dataset import ENGLISH, Dataset, Part, RemoteFile, at_hand, matching
from optical_cli.importers.schema import records
from optical_cli.importers.sets.squad import collection_name
from optical_cli.importers.source import Member, Source
from optical_cli.importers.writing import Writer, one_line

VARIANTS = (
    "acm_Arab", "afr_Latn", "als_Latn", "amh_Ethi", "apc_Arab", "arb_Arab", "arb_Latn",
    "ars_Arab", "ary_Arab", "arz_Arab", "asm_Beng", "azj_Latn", "bam_Latn", "ben_Beng",
    "ben_Latn", "bod_Tibt", "bul_Cyrl", "cat_Latn", "ceb_Latn", "ces_Latn", "ckb_Arab",
    "dan_Latn", "deu_Latn", "ell_Grek", "eng_Latn", "est_Latn", "eus_Latn", "fin_Latn",
    "fra_Latn", "fuv_Latn", "gaz_Latn", "grn_Latn", "guj_Gujr", "hat_Latn", "hau_Latn",
    "heb_Hebr", "hin_Deva", "hin_Latn", "hrv_Latn", "hun_Latn", "hye_Armn", "ibo_Latn",
    "ilo_Latn", "ind_Latn", "isl_Latn", "ita_Latn", "jav_Latn", "jpn_Jpan", "kac_Latn",
    "kan_Knda", "kat_Geor", "kaz_Cyrl", "kea_Latn", "khk_Cyrl", "khm_Khmr", "kin_Latn",
    "kir_Cyrl", "kor_Hang", "lao_Laoo", "lin_Latn", "lit_Latn", "lug_Latn", "luo_Latn",
    "lvs_Latn", "mal_Mlym", "mar_Deva", "mkd_Cyrl", "mlt_Latn", "mri_Latn", "mya_Mymr",
    "nld_Latn", "nob_Latn", "npi_Deva", "npi_Latn", "nso_Latn", "nya_Latn", "ory_Orya",
    "pan_Guru", "pbt_Arab", "pes_Arab", "plt_Latn", "pol_Latn", "por_Latn", "ron_Latn",
    "rus_Cyrl", "shn_Mymr", "sin_Latn", "sin_Sinh", "slk_Latn", "slv_Latn", "sna_Latn",
    "snd_Arab", "som_Latn", "sot_Latn", "spa_Latn", "srp_Cyrl", "ssw_Latn", "sun_Latn",
    "swe_Latn", "swh_Latn", "tam_Taml", "tel_Telu", "tgk_Cyrl", "tgl_Latn", "tha_Thai",
    "tir_Ethi", "tsn_Latn", "tso_Latn", "tur_Latn", "ukr_Cyrl", "urd_Arab", "urd_Latn",
    "uzn_Latn", "vie_Latn", "war_Latn", "wol_Latn", "xho_Latn", "yor_Latn", "zho_Hans",
    "zho_Hant", "zsm_Latn", "zul_Latn",
)  # fmt: skip
TEACHERS = "eng_Latn"


@dataclass(frozen=True)
class Variant:
    """The passages and questions of one language by their ids."""

    passages: dict[str, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)


def _read(member: Member, lang: str, out: Writer) -> Variant:
    """A language's file; where a passage is spelled in two ways, that is counted.

    Raises:
        InputError: Two questions have one link, split and number.
    """
    variant = Variant()
    times: Counter[tuple[str, str, str]] = Counter()
    for record in records(member):
        link, number = record.text("link"), record.name("question_number")
        split = record.text("split") if record.maybe("split") else ""
        place = times[link, split, number]
        times[link, split, number] += 1
        if split and place:
            raise record.fault(f"question {number} of {link} ({split}) is there twice")
        doc_id = hashlib.blake2b(f"{link} {split} {place}".encode(), digest_size=5).hexdigest()
        passage = one_line(record.text("flores_passage"))
        if variant.passages.setdefault(doc_id, passage) != passage:
            out.left_out[f"{lang}: a passage's second spelling"] += 1
        variant.questions[f"{doc_id}-{number}"] = record.text("question")
    return variant


def _convert(source: Source, part: Part, out: Writer) -> None:
    members = {name: m for (name,), m in source.matching(r"(\w{3}_\w{4})\.jsonl").items()}
    here = [variant for variant in VARIANTS if variant in members]
    langs = at_hand(part, part.languages(VARIANTS), here, source.where)
    pools = at_hand(part, part.passage_languages(VARIANTS, [TEACHERS]), here, source.where)
    read = {lang: _read(source.use(members[lang]), lang, out)
            for lang in dict.fromkeys([*pools, *langs])}  # fmt: skip
    judged = read[pools[0]].questions
    for lang, variant in read.items():
        if lacking := len(judged.keys() - variant.questions):
            out.left_out[f"{lang}: questions that only {pools[0]} has"] = lacking
        if without := len(variant.questions.keys() - judged):
            out.left_out[f"{lang}: questions that {pools[0]} lacks"] = without
    for lang in pools:
        with out.texts(collection_name(ENGLISH if matching(ENGLISH, [lang]) else lang)) as add:
            for doc_id, text in read[lang].passages.items():
                add(doc_id, text)
    for lang in langs:
        with out.texts(f"queries.{lang}.tsv") as add:
            for query_id, question in read[lang].questions.items():
                if query_id in judged:
                    add(query_id, question)
    with out.qrels("qrels.txt") as add:
        for query_id in judged:
            add(query_id, query_id.rpartition("-")[0], 1)


def _files(part: Part) -> list[RemoteFile]:
    return [RemoteFile("Belebele.zip", "https://dl.fbaipublicfiles.com/belebele/Belebele.zip")]


SETS = (
    Dataset(
        "belebele", "questions about one passage each, parallel in 122 language variants",
        VARIANTS, "900 questions, 488 passages a variant", "CC BY-SA 4.0 (LICENSE_CC-BY-SA4.0)",
        "https://github.com/facebookresearch/belebele", _convert, ("lang", "passage_lang"), _files,
        notes=("The passages are FLORES-200: do not train on them.",),
    ),
)  # fmt: skip
