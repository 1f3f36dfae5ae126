import pytest

from workers.pipeline.playout import END_GRACE, START_GRACE, Playout


def playing(sent: float = 4.0, began: float = 100.0) -> Playout:
    playout = Playout()
    playout.add(sent, began)
    playout.ack("playing", 0.0, began)
    return playout


def test_nothing_is_heard_before_the_overlay_says_so() -> None:
    playout = Playout()
    playout.add(4.0, 100.0)
    assert playout.heard(103.0) == 0


def test_the_position_follows_the_clock_and_never_passes_what_was_sent() -> None:
    playout = playing()
    assert playout.heard(101.5) == pytest.approx(1.5)
    assert playout.heard(120.0) == 4.0


def test_an_underrun_stops_the_position_until_sound_goes_on() -> None:
    playout = playing()
    playout.ack("underrun", 1.0, 101.0)
    assert playout.heard(110.0) == 1.0
    playout.ack("playing", 1.0, 110.0)
    assert playout.heard(110.5) == pytest.approx(1.5)


def test_an_interrupt_keeps_what_was_heard() -> None:
    playout = playing()
    playout.ack("interrupted", 1.2, 101.3)
    assert playout.over
    assert playout.heard(200.0) == 1.2


def test_nothing_is_overdue_while_sound_is_still_made() -> None:
    assert playing().due(500.0) > 0


def test_an_overlay_that_never_begins_is_given_up_after_the_sound_would_be_over() -> None:
    playout = Playout()
    playout.add(1.0, 100.0)
    playout.complete = True
    assert playout.due(100.0) == START_GRACE
    assert playout.due(100.0 + START_GRACE) == 0


def test_an_overlay_that_never_ends_is_given_up_soon_after_the_end() -> None:
    playout = playing()
    playout.complete = True
    assert playout.due(102.0) == pytest.approx(2.0 + END_GRACE)
    assert playout.due(104.0 + END_GRACE) == 0


def test_an_overlay_that_stalls_for_ever_is_given_up() -> None:
    playout = playing()
    playout.complete = True
    playout.ack("underrun", 1.0, 101.0)
    assert playout.due(101.0 + 3.0 + END_GRACE) == 0


def test_giving_up_ends_at_the_position_of_the_clock() -> None:
    playout = playing()
    playout.give_up(102.0)
    assert playout.over
    assert playout.heard(300.0) == pytest.approx(2.0)


def test_an_overlay_that_says_again_where_it_began_has_not_gone_back() -> None:
    playout = playing()
    playout.ack("playing", 0.0, 102.0)
    assert playout.heard(103.0) == pytest.approx(3.0)


def test_while_the_overlay_has_said_nothing_the_sound_stands_where_it_could_be() -> None:
    playout = Playout()
    assert playout.position(99.0) == 0
    playout.add(4.0, 100.0)
    assert playout.position(103.0) == pytest.approx(3.0)
    playout.ack("underrun", 0.0, 103.0)
    assert playout.position(110.0) == 0
    assert playout.stalled(110.0) == pytest.approx(7.0)
    playout.ack("playing", 0.0, 111.0)
    assert playout.position(112.0) == pytest.approx(1.0)
    assert playout.stalled(112.0) == 0
