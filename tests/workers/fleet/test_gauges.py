"""What a worker process tells of itself is bounded, and no faulty teller stops the others."""

from __future__ import annotations

from workers.fleet.gauges import MOST_REASONS, Gauges, Level


def test_what_happened_is_counted_by_reason() -> None:
    gauges = Gauges()
    gauges.count("dropped", "stale")
    gauges.count("dropped", "stale", by=2)
    gauges.count("dropped", "lane_full")
    gauges.count("frames")
    assert gauges.counts() == {"dropped": {"stale": 3, "lane_full": 1}, "frames": {"": 1}}


def test_reasons_without_end_become_one() -> None:
    gauges = Gauges()
    for number in range(1000):
        gauges.count("dropped", f"reason {number}")
    told = gauges.counts()["dropped"]
    assert len(told) == MOST_REASONS + 1
    assert told["other"] == 1000 - MOST_REASONS


def test_a_level_is_the_sum_of_all_who_tell_it_and_names_the_most() -> None:
    gauges = Gauges()
    with gauges.watched("inbox", lambda: 3, of="a"), gauges.watched("inbox", lambda: 9, of="b"):
        assert gauges.levels() == {"inbox": Level(12, 9, "b")}
    assert gauges.levels() == {"inbox": Level()}, "nobody tells it any more"


def test_one_who_cannot_tell_is_left_out() -> None:
    gauges = Gauges()
    with gauges.watched("inbox", lambda: 1 / 0, of="a"), gauges.watched("inbox", lambda: 2, of="b"):
        assert gauges.levels()["inbox"] == Level(2, 2, "b")
