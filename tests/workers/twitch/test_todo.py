"""What is asked of Twitch next: the most urgent thing, once, and again when it failed."""

from __future__ import annotations

import pytest

from workers.twitch.rows import Known
from workers.twitch.subscriptions import ALL, KINDS, NUMBER, REDEMPTIONS
from workers.twitch.todo import PATIENT, Step, Task, Todo

CHAT = 0b1111


@pytest.fixture
def todo() -> Todo:
    return Todo(Known())


def taken(todo: Todo, steps: tuple[Step, ...] = tuple(Step)) -> list[tuple[Step, int, int]]:
    """Everything there is to do, each done at once."""
    found = []
    while (task := todo.next(steps)) is not None:
        found.append((task.step, task.channel, task.kind))
        if task.step is Step.END:
            todo.forget(task.channel, todo.surplus(task.channel))
        elif task.channel and task.step is not Step.NAME:
            todo.enable(task.channel, task.kind)
        todo.released(task)
    return found


def test_chat_of_all_comes_before_anything_else_of_one(todo: Todo) -> None:
    for channel in (1, 2, 3):
        todo.allow(channel, ALL)
    order = taken(todo)
    assert order[:3] == [(Step.CHAT, 1, 0), (Step.CHAT, 2, 0), (Step.CHAT, 3, 0)]
    assert {step for step, _, _ in order[3:12]} == {Step.TAKEN_BACK}
    assert {step for step, _, _ in order[12:]} == {Step.REST}
    assert len(order) == len(set(order)) == 3 * len(KINDS)
    assert todo.count == 3 * len(KINDS)


def test_a_channel_somebody_started_just_now_goes_before_all_that_wait(todo: Todo) -> None:
    for channel in range(1, 50):
        todo.allow(channel, ALL)
    todo.allow(99, ALL, waited_for=True)
    assert taken(todo, (Step.FRESH,)) == [(Step.FRESH, 99, 0)]
    assert (Step.CHAT, 99, 0) not in taken(todo)


def test_nothing_is_given_to_two(todo: Todo) -> None:
    todo.allow(1, ALL)
    tasks = [todo.next(PATIENT) for _ in range(len(KINDS) + 1)]
    assert tasks.pop() is None
    assert len(set(tasks)) == len(KINDS)


def test_what_failed_comes_again_behind_the_others(todo: Todo) -> None:
    todo.allow(1, 1)
    todo.allow(2, 1)
    failed = todo.next(PATIENT)
    assert failed
    todo.released(failed)
    assert [channel for _, channel, _ in taken(todo)] == [2, 1]


def test_what_was_refused_is_asked_for_again_only_after_new_consent(todo: Todo) -> None:
    todo.allow(1, CHAT | 1 << NUMBER[REDEMPTIONS])
    todo.refuse(1, NUMBER[REDEMPTIONS])
    assert {kind for _, _, kind in taken(todo)} == {0, 1, 2, 3}
    todo.pardon(1, NUMBER[REDEMPTIONS])
    assert taken(todo) == [(Step.REST, 1, NUMBER[REDEMPTIONS])]


def test_what_twitch_forgot_is_asked_for_again(todo: Todo) -> None:
    todo.allow(1, CHAT)
    taken(todo)
    todo.lose(1, 0b101)
    assert taken(todo) == [(Step.CHAT, 1, 0), (Step.TAKEN_BACK, 1, 2)]


def test_a_channel_that_stops_is_ended_and_one_that_starts_again_is_not(todo: Todo) -> None:
    for channel in (1, 2):
        todo.allow(channel, CHAT)
    taken(todo)
    for channel in (1, 2):
        todo.allow(channel, 0)
    todo.allow(2, CHAT)
    assert taken(todo) == [(Step.END, 1, 0)]
    assert (todo.count, todo.surplus(1)) == (4, 0)


def test_a_permission_that_is_gone_ends_what_needed_it(todo: Todo) -> None:
    todo.allow(1, CHAT | 1 << NUMBER[REDEMPTIONS])
    taken(todo)
    todo.allow(1, CHAT)
    assert todo.surplus(1) == 1 << NUMBER[REDEMPTIONS]
    assert [step for step, _, _ in taken(todo)] == [Step.END]


def test_it_goes_on_where_another_was() -> None:
    before = Known(enabled={1: CHAT, 2: 1}, refused={2: 1 << NUMBER[REDEMPTIONS]}, rows={1: ALL, 2: ALL, 3: CHAT})
    todo = Todo(before)
    for channel in (1, 2):
        todo.allow(channel, ALL)
    todo.allow(3, 0)
    order = taken(todo)
    assert sum(step is Step.CHAT for step, _, _ in order) == 0
    assert [channel for step, channel, _ in order if step is Step.END] == [3]
    assert sum(channel == 1 for _, channel, _ in order) == len(KINDS) - 4
    assert sum(channel == 2 for _, channel, _ in order) == len(KINDS) - 2


def test_what_is_of_no_use_is_dropped_after_what_is_heard(todo: Todo) -> None:
    todo.allow(1, CHAT | 1 << NUMBER[REDEMPTIONS])
    todo.drop("double")
    todo.name(1)
    steps = [step for step, _, _ in taken(todo)]
    assert steps == [Step.CHAT, *[Step.TAKEN_BACK] * 3, Step.DROP, Step.NAME, Step.REST]


def test_a_question_and_an_end_that_failed_come_again(todo: Todo) -> None:
    todo.drop("double")
    todo.name(1)
    for step in (Step.DROP, Step.NAME):
        task = todo.next(PATIENT)
        assert task
        assert task.step is step
        todo.again(task)
        todo.released(task)
        assert todo.next((step,)) == task


def test_a_step_about_no_channel_is_released_like_any(todo: Todo) -> None:
    todo.drop("double")
    task = todo.next(PATIENT)
    assert task == Task(Step.DROP, subscription_id="double")
    todo.released(task)
    assert todo.next(PATIENT) is None
