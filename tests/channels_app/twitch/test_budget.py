"""One bucket for all processes: who can wait leaves points to those who cannot, and a refusal is heeded."""

from __future__ import annotations

import pytest

from channels_app.twitch.budget import PATIENT, SIZE, SOON, Budget
from tests.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(clock: Clock) -> Budget:
    return Budget(clock, clock=clock)


def told(budget: Budget, remaining: int, *, limit: int = 800) -> None:
    budget.asked()
    headers = {"ratelimit-limit": str(limit), "ratelimit-remaining": str(remaining), "ratelimit-reset": "1000030"}
    budget.answered(headers, refused=False)


def refuse(budget: Budget, *, reset: float) -> float:
    budget.asked()
    return budget.answered({"ratelimit-reset": str(reset)}, refused=True)


def test_a_full_bucket_lets_everybody_ask(budget: Budget) -> None:
    assert [budget.wait(share) for share in (0, SOON, PATIENT)] == [0, 0, 0]


def test_what_is_left_for_others_is_not_touched_by_who_can_wait(budget: Budget, clock: Clock) -> None:
    told(budget, round(PATIENT * SIZE) - 50)
    assert budget.wait(SOON) == 0
    wait = budget.wait(PATIENT)
    assert 4 < wait < 8, "fifty points come back in that time, as slowly as has been seen"
    clock.now += wait + 0.01
    assert budget.wait(PATIENT) == 0


def test_what_another_process_spent_counts(budget: Budget) -> None:
    told(budget, 790)
    assert budget.wait(PATIENT) == 0
    told(budget, 20)
    assert budget.wait(PATIENT) > 10


def test_requests_on_their_way_count_as_spent(budget: Budget) -> None:
    told(budget, round(PATIENT * SIZE) + 3)
    for _ in range(3):
        assert budget.wait(PATIENT) == 0
        budget.asked()
    assert budget.wait(PATIENT) > 0


def test_a_larger_limit_is_believed(budget: Budget) -> None:
    told(budget, 1000, limit=6000)
    assert budget.wait(PATIENT) > 0


def test_after_a_refusal_the_urgent_wait_a_moment_and_the_patient_until_there_is_enough(
    budget: Budget, clock: Clock
) -> None:
    rest = refuse(budget, reset=clock.now + 60)
    assert rest == budget.closed() == 1.0
    assert budget.wait(PATIENT) > 15
    clock.now += rest
    assert budget.closed() == 0


def test_each_further_refusal_doubles_the_rest_up_to_the_moment_twitch_names(budget: Budget, clock: Clock) -> None:
    assert [refuse(budget, reset=clock.now + 10) for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    clock.now += 10
    told(budget, 100)
    assert refuse(budget, reset=clock.now + 10) == 1


def test_an_answer_without_figures_changes_nothing(budget: Budget) -> None:
    told(budget, 20)
    budget.asked()
    budget.answered({}, refused=False)
    budget.asked()
    budget.answered({"ratelimit-remaining": "many"}, refused=False)
    assert budget.wait(PATIENT) > 10


def test_a_time_of_day_that_is_set_changes_neither_what_came_back_nor_how_long_a_rest_is() -> None:
    unix, clock = Clock(), Clock(50.0)
    budget = Budget(unix, clock=clock)
    told(budget, 0)
    unix.now += 3600
    assert budget.wait(SOON) > 1
    rest = refuse(budget, reset=unix.now + 60)
    unix.now -= 7200
    assert budget.closed() == rest
    clock.now += rest
    assert budget.closed() == 0
