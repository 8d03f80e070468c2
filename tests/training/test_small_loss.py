"""Trust: the cheapest pairs of a batch weigh, and a student learns in spite of wrong pairs."""

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optical_cli.errors import UsageError
from optical_cli.training.objectives import Value
from optical_cli.training.objectives.small_loss import SmallLossSelection, TrustSchedule, believed


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40), st.floats(0.01, 1))
def test_weights_are_those_of_the_formula_and_have_mean_one(costs, share):
    cost = torch.tensor(costs, dtype=torch.float64)
    weights = believed(cost, share)
    for place, own in enumerate(costs):
        # Of equal ones those that stand before count as cheaper.
        cheaper = sum((other, j) < (own, place) for j, other in enumerate(costs))
        expected = min(max(share * len(costs) - cheaper, 0), 1) / share
        assert weights[place].item() == pytest.approx(expected, abs=1e-9)
    assert weights.mean().item() == pytest.approx(1)


def test_all_are_believed_at_share_one_and_a_cost_that_is_no_number_is_last():
    cost = torch.tensor([3.0, 1.0, torch.nan, 2.0])
    assert believed(cost, 1.0).tolist() == [1, 1, 1, 1]
    assert believed(cost, 0.5).tolist() == [0, 2, 0, 2]
    assert believed(cost, 0.375).tolist() == pytest.approx([0, 1 / 0.375, 0, 0.5 / 0.375])


def test_the_share_falls_to_its_end_and_stays():
    trust = TrustSchedule.parse("0.6@0.5")
    assert [trust.at(t) for t in (0, 0.25, 0.5, 0.75, 1)] == pytest.approx([1, 0.8, 0.6, 0.6, 0.6])
    assert TrustSchedule.parse("0.6") == TrustSchedule(0.6, 0.3)


@pytest.mark.parametrize("text", ["", "0", "1.5", "half", "0.5@0", "0.5@2", "0.5@", "-0.5", "1..2"])
def test_what_is_no_trust(text):
    with pytest.raises(UsageError, match=r"--trust .*: expected SHARE or SHARE@WARMUP"):
        TrustSchedule.parse(text)


def test_transport_decides_where_there_is_some_and_weights_carry_no_gradient():
    losses = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    cost = torch.tensor([4.0, 3.0, 2.0, 1.0])
    seen = {"ot": cost}
    objective = SmallLossSelection(lambda views, progress: Value(losses, seen), TrustSchedule(0.5))
    value = objective(None, 1.0)
    assert value.losses.tolist() == [0, 0, 6, 8]
    assert value.seen["trusted"].tolist() == [0, 0, 1, 1] and value.seen["ot"] is cost
    value.losses.sum().backward()
    assert losses.grad.tolist() == [0, 0, 2, 2]
    seen.clear()
    assert objective(None, 1.0).losses.tolist() == [2, 4, 0, 0]
    assert objective(None, 0.0).losses.tolist() == losses.tolist(), "nobody is doubted at first"


def test_a_student_trusts_the_right_pairs_among_as_many_wrong_ones(world, teacher, command):
    """Trained on half wrong pairs, it gives what weight there is to the right ones."""
    from optical_cli.encoders import load
    from optical_cli.formats.bitext import read_bitext
    from optical_cli.transport import cosine_cost, solve
    from optical_cli.transport.marginals import TokenSide, marginal

    noisy, ledger, folder = (world.folder / name for name in ("noisy", "ledger", "trusting"))
    command("inject-noise", world.bitext, "-o", noisy, "--ledger", ledger, "-q",
            "--noise", "misalign=0.5")  # fmt: skip
    command("distill", "--teacher", teacher, "--bitext", noisy, "-o", folder, "--epochs", 3,
            "--lr", 3e-3, "--objective", "ot", "--trust", "0.5", "-q")  # fmt: skip
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    shares = [json.loads(line)["trusted"] for line in lines]
    assert shares[0] > 0.9 and shares[-1] == pytest.approx(0.5, abs=1e-3)

    wrong = {json.loads(line)["line"] for line in ledger.read_text().splitlines()}
    pairs = list(read_bitext(noisy))[:400]
    models = load(teacher), load(folder)
    with torch.no_grad():
        tokens = [model.tokenize_queries([pair[side] for pair in pairs], expand=False)
                  for side, model in enumerate(models)]  # fmt: skip
        rows, cols = (TokenSide(model(batch), batch.words >= 0)
                      for model, batch in zip(models, tokens, strict=True))  # fmt: skip
    masses = marginal("real", rows), marginal("real", cols)
    cost = solve(cosine_cost(rows.vectors, cols.vectors), *masses,
                 solver="ipot").transport_cost  # fmt: skip
    weights = believed(cost, 0.5)
    right = torch.tensor([number not in wrong for number in range(1, 401)])
    assert 0.4 < right.float().mean() < 0.6
    assert weights[right].sum() / weights.sum() > 0.9
