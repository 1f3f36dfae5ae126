"""Whom she answers in a whole evening's chat: late, uneven, repeated or deleted words would be seen by everybody."""

import pytest

from benchmarks.director import MOST, measure, middle

SEEDS = (1, 2, 3)


@pytest.mark.parametrize("rate", [2, 10])
def test_those_who_call_her_are_answered_soon_and_evenly(rate: int) -> None:
    found = middle([measure(rate, minutes=30, seed=seed, timed=False) for seed in SEEDS])
    assert found.missed() == []
    assert found.most < 0.05, "the spammer gets no more than a twentieth of the answers"


def test_at_a_hundred_messages_a_second_what_was_paid_is_answered_and_hearing_takes_little() -> None:
    found = measure(100, minutes=4, seed=1)
    assert (found.paid, found.deleted) == (1, 0)
    assert found.core < MOST[100]["core"]
