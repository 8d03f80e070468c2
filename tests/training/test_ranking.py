import torch
from torch.nn.functional import cosine_similarity

from optical_cli.encoders import new_encoder, train_vocabulary, with_token_weights
from optical_cli.encoders.tokens import TokenBatch
from optical_cli.training.data.example_batches import ExampleBatch
from optical_cli.training.teaching.ranking import (
    also_relevant,
    own_divergence,
    own_positives,
    weighed,
)


def batch(query_keys, passage_keys):
    tokens = TokenBatch(*[torch.zeros(len(query_keys), 1)] * 5)
    return ExampleBatch(tokens, tokens, torch.tensor(query_keys), torch.tensor(passage_keys))


def test_other_passages_that_answer_the_query_are_no_negatives():
    # Positives 10 11 12, then a negative each: the first is the third's positive.
    given = batch([1, 2, 1], [10, 11, 12, 12, 20, 10])
    expected = [[0, 0, 1, 0, 0, 1], [0, 0, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0]]
    assert also_relevant(given, own_positives(given)).int().tolist() == expected


def test_queries_weigh_their_tokens_and_keep_their_scale():
    vocabulary = train_vocabulary(["the first railway carried water"], 40)
    encoder = new_encoder(vocabulary, layers=1, hidden=32, max_length=32, seed=3)
    tokens = encoder.tokenize_queries(["the first railway", "water"], expand=False)
    weights = torch.rand(len(encoder.tokenizer)) + 0.1
    for weigh_by in (None, "norm"):
        by_weight = with_token_weights(encoder, weights, weigh_by=weigh_by)
        found, expected = weighed(by_weight, tokens), by_weight.weighed(tokens)
        lengths = torch.where(tokens.scored, found.norm(dim=-1), 0)
        torch.testing.assert_close(lengths.sum(1), tokens.scored.sum(1).float())
        cosines = cosine_similarity(found, expected, dim=-1)[tokens.scored]
        torch.testing.assert_close(cosines, torch.ones_like(cosines))
    assert torch.equal(weighed(encoder, tokens), encoder(tokens))


def test_a_divergence_compares_each_query_with_its_own_passages():
    scores = torch.tensor([[2.0, 9.0, 1.0, 0.0, 9.0, 9.0], [9.0, 3.0, 9.0, 9.0, 1.0, 1.0]])
    own = torch.arange(2)  # positives 0 and 1, negatives 2 3 and 4 5
    alike = torch.tensor([[2.0, 1.0, 0.0], [3.0, 1.0, 1.0]])
    torch.testing.assert_close(own_divergence(scores, own, alike + 7), torch.zeros(2))
    other = own_divergence(scores, own, torch.tensor([[0.0, 0.0, 5.0], [3.0, 1.0, 1.0]]))
    assert other[0] > 1 and abs(other[1]) < 1e-6
