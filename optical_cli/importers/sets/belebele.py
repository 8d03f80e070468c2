"""Belebele: questions about one passage each, parallel in 122 language variants.

A zip of ``VARIANT.jsonl`` files (FLORES-200 codes such as ``swh_Latn``), one question a line:
``link``, ``question_number``, ``flores_passage``, ``question``, ``mc_answer1`` to ``4``,
``correct_answer_num``, ``dialect``. ``link`` (with ``split``, where there is one) names the
passage, ``question_number`` one of its one or two questions. Documented in the README of
facebookresearch/belebele.

The passages are FLORES-200, a test set of translation: they are written as collections, never as
bitext.
"""

import hashlib
from collections.abc import Iterator

from optical_cli.importers.dataset import ENGLISH, Dataset, Part, RemoteFile, at_hand, matching
from optical_cli.importers.schema import Node, records
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


def _passages(member: Member) -> Iterator[tuple[str, str, Node]]:
    """Passage id, question id and record of each line; ids are the same in every language."""
    seen: dict[str, list[str]] = {}
    for record in records(member):
        split = record.text("split") if record.maybe("split") else ""
        key = f"{record.text('link')} {split}"
        texts = seen.setdefault(key, [])
        text = one_line(record.text("flores_passage"))
        if text not in texts:  # Without a split one link may stand for two passages.
            texts.append(text)
        digest = hashlib.blake2b(f"{key} {texts.index(text)}".encode(), digest_size=5).hexdigest()
        yield digest, f"{digest}-{record.name('question_number')}", record


def _convert(source: Source, part: Part, out: Writer) -> None:
    members = {name: m for (name,), m in source.matching(r"(\w{3}_\w{4})\.jsonl").items()}
    here = [variant for variant in VARIANTS if variant in members]
    langs = at_hand(part, part.languages(VARIANTS), here, source.where)
    passages = at_hand(part, part.passage_languages(VARIANTS, [TEACHERS]), here, source.where)
    for lang in passages:
        name = collection_name(ENGLISH if matching(ENGLISH, [lang]) else lang)
        with out.texts(name) as add:
            texts = {doc: r.text("flores_passage") for doc, _, r in
                     _passages(source.use(members[lang]))}  # fmt: skip
            for doc_id, text in texts.items():
                add(doc_id, text)
    for lang in langs:
        with out.texts(f"queries.{lang}.tsv") as add:
            for _, query_id, record in _passages(source.use(members[lang])):
                add(query_id, record.text("question"))
    with out.qrels("qrels.txt") as add:
        for doc_id, query_id, _ in _passages(source.use(members[passages[0]])):
            add(query_id, doc_id, 1)


def _files(part: Part) -> list[RemoteFile]:
    return [RemoteFile("Belebele.zip", "https://dl.fbaipublicfiles.com/belebele/Belebele.zip")]


SETS = (
    Dataset(
        "belebele", "questions about one passage each, parallel in 122 language variants",
        VARIANTS, "900 questions, 488 passages a variant", "CC BY-SA 4.0 (LICENSE_CC-BY-SA4.0)",
        "https://github.com/facebookresearch/belebele", _convert, _files,
        notes=("The passages are FLORES-200: do not train on them.",),
    ),
)  # fmt: skip
