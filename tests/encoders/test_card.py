"""The model card."""

from optical_cli.encoders import EncoderConfig, model_card

FACTS = {
    "title": "Swahili student",
    "languages": ["sw", "en"],
    "command": "distill",
    "settings": {"transport": {"beta": {"value": 0.5, "from": "default"}}, "epochs": 2},
    "inputs": [{"path": "train|x.tsv", "records": 24000, "sha256": "ab" * 32}, {"path": "name"}],
    "scores": [{"on": "AfriQA", "measure": "AP", "value": 0.64}],
    "training": "24 steps over 944 rows.",
    "curves": "curves.png",
    "notes": ["It was trained on news."],
}


def test_says_how_it_was_made_from_what_with_which_scores():
    card = model_card(FACTS, EncoderConfig(dim=128))
    for line in (
        'language: ["sw", "en"]',
        "# Swahili student",
        "| AfriQA | AP | 0.6400 |",
        "By `optical distill`. 24 steps over 944 rows.",
        "![Curves of the training](curves.png)",
        "| transport.beta | 0.5 |",
        "| train\\|x.tsv | 24000 | `abababababababab` |",
        "| name |  |  |",
        "| query expansion | extended with [MASK] to 32 |",
        "- It was trained on news.",
    ):
        assert line in card.split("\n"), line


def test_what_is_not_known_has_no_section():
    card = model_card({}, EncoderConfig(dim=8))
    assert "## Scores" not in card and "## From what" not in card and "## Use" in card


def test_what_query_tokens_weigh():
    card = model_card({}, EncoderConfig(dim=8, weigh_by="norm", share_word_mass=True))
    assert "| query tokens weigh | the norms of their vectors, a word's pieces share |" in card
    assert "tokens weigh" not in model_card({}, EncoderConfig(dim=8))


def test_front_matter_cannot_be_broken_out_of():
    import yaml

    name = 'x"\n---\nevil: true'
    card = model_card({"base_model": name}, EncoderConfig(dim=8))
    front = yaml.safe_load(card.split("---\n")[1])
    assert front["base_model"] == name and "evil" not in front


def test_the_same_facts_give_the_same_text():
    assert model_card(FACTS, EncoderConfig(dim=8)) == model_card(FACTS, EncoderConfig(dim=8))
