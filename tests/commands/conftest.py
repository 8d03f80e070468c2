"""A folder of small sound inputs and tiny models, for the commands that take them."""

import dataclasses

import pytest

TEXTS = [
    "the first railway was built in england", "who built the first railway and when",
    "water boils at a hundred degrees and milk does too", "the children are reading their books",
    "nani alijenga reli ya kwanza", "watoto wanasoma vitabu vyao shuleni",
]  # fmt: skip

PAIRS = "the river\tmto mkubwa\tp1\nthe house\tnyumba yetu\tp2\n"
GOOD = {
    "collection.tsv": "d1\tthe first railway\nd2\twater boils\n",
    "queries.tsv": "q1\twho built the railway\nq2\twhen does water boil\n",
    "qrels.txt": "q1 0 d1 1\nq2 0 d2 1\n",
    "run.trec": "q1 Q0 d1 1 2.5 s\nq2 Q0 d2 1 2.5 s\n",
    "other.trec": "q1 Q0 d2 1 2.5 t\nq2 Q0 d1 1 2.5 t\n",
    "triples.tsv": "who built\tthe railway\twater\nwhat boils\twater\tthe railway\n",
    "bitext.tsv": PAIRS,
    "thai.txt": "แมวกินปลา\nแมวกินน้ำ\nปลากินน้ำ\n" * 20,
    "lexicon.tsv": "river\tmto\t1\nthe\tyetu\t1\n",
    "xquad.en.json": '{"data": [{"title": "T", "paragraphs": [{"context": "Water boils.", "qas":'
    ' [{"id": "q1", "question": "What boils?", "answers": [{"text": "Water",'
    ' "answer_start": 0}]}]}]}]}',
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with sound inputs, in which the command runs."""
    monkeypatch.chdir(tmp_path)
    for name, text in GOOD.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def contents():
    """What lies in a folder, as bytes by path."""

    def read(folder):
        return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    return read


@pytest.fixture(scope="session")
def tiny_plain():
    """An encoder without head, markers and [MASK]s."""
    from optical_cli.encoders import new_encoder, train_vocabulary

    tokenizer = train_vocabulary(TEXTS * 3, 120)
    return new_encoder(tokenizer, layers=1, hidden=32, max_length=64, seed=7)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory, tiny_plain):
    """A folder with `plain`, a `teacher`, its `student` twice and a `stranger`."""
    from optical_cli.encoders import with_head

    folder = tmp_path_factory.mktemp("models")
    teacher = with_head(tiny_plain, dim=16, query_length=12, passage_length=24, seed=7)
    student = with_head(tiny_plain, dim=16, query_length=12, passage_length=24, seed=9)
    student.config = dataclasses.replace(student.config, family=teacher.signature())
    stranger = with_head(tiny_plain, dim=16, query_length=12, passage_length=24, seed=8)
    models = {
        "plain": tiny_plain, "teacher": teacher, "student": student, "same": student,
        "stranger": stranger,
    }  # fmt: skip
    for name, model in models.items():
        (folder / name).mkdir()
        model.save(folder / name)
    return folder
