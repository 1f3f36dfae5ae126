"""What is kept of very many, so that no channel grows with its chat."""

from __future__ import annotations

import tracemalloc

from workers.pipeline.bounded import Lately


def test_the_last_ones_are_known_and_what_is_long_ago_is_not() -> None:
    lately = Lately(100)
    for number in range(1000):
        assert f"message-{number}" not in lately
        lately.add(f"message-{number}")
        assert all(f"message-{late}" in lately for late in range(max(0, number - 99), number + 1))
    assert "message-0" not in lately


def test_a_long_chat_takes_no_more_than_a_short_one() -> None:
    lately = Lately(1000)
    tracemalloc.start()
    try:
        for number in range(20_000):
            lately.add(f"a-message-with-an-id-as-long-as-twitch-gives-{number}")
        taken, _most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 200_000
