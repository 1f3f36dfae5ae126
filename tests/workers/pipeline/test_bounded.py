"""What is kept of very many, so that no channel grows with its chat."""

from __future__ import annotations

import tracemalloc

from workers.pipeline.bounded import Lately, note


class Hashed(str):
    """A word whose hash is known."""

    __slots__ = ("value",)
    value: int

    def __new__(cls, value: int) -> Hashed:
        made = super().__new__(cls, value)
        made.value = value
        return made

    def __hash__(self) -> int:
        return self.value


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
    assert taken < 20_000


def test_a_hash_that_lies_across_two_others_is_not_taken_for_one() -> None:
    lately = Lately()
    lately.add(Hashed(0x0123456789ABCDEF))
    lately.add(Hashed(0x0123456789ABCDEF))
    # The upper half of one and the lower half of the next, as they lie in memory one after the other.
    across = Hashed(int.from_bytes(bytes.fromhex("efcdab8967452301" * 2)[4:12], "little", signed=True))
    assert across not in lately
    lately.add(across)
    assert across in lately


def test_what_is_noted_again_is_the_newest() -> None:
    memory: dict[str, int] = {}
    for number, key in enumerate("abcab"):
        note(memory, key, number, 3)
    assert list(memory.items()) == [("c", 2), ("a", 3), ("b", 4)]
    note(memory, "d", 5, 3)
    assert list(memory) == ["a", "b", "d"]
