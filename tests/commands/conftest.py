"""Tiny models on disk, for the commands that take one."""

import dataclasses

import pytest

TEXTS = [
    "the first railway was built in england", "who built the first railway and when",
    "water boils at a hundred degrees and milk does too", "the children are reading their books",
    "nani alijenga reli ya kwanza", "watoto wanasoma vitabu vyao shuleni",
]  # fmt: skip


@pytest.fixture(scope="session")
def tiny_plain():
    """An encoder without head, markers and [MASK]s."""
    from optical_cli.encoders import new_encoder, train_vocabulary

    tokenizer = train_vocabulary(TEXTS * 3, 120)
    return new_encoder(tokenizer, layers=1, hidden=32, max_length=64, seed=7)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory, tiny_plain):
    """A folder with `plain`, a `teacher`, its `student` and a `stranger`."""
    from optical_cli.encoders import with_head

    folder = tmp_path_factory.mktemp("models")
    teacher = with_head(tiny_plain, dim=16, query_length=12, passage_length=24, seed=7)
    student = with_head(tiny_plain, dim=16, query_length=12, passage_length=24, seed=9)
    student.config = dataclasses.replace(student.config, family=teacher.signature())
    stranger = with_head(tiny_plain, dim=16, query_length=12, passage_length=24, seed=8)
    models = {"plain": tiny_plain, "teacher": teacher, "student": student, "stranger": stranger}
    for name, model in models.items():
        (folder / name).mkdir()
        model.save(folder / name)
    return folder
