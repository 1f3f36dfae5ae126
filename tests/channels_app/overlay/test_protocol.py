import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.overlay import protocol


@given(st.binary(max_size=120_000).map(lambda raw: raw[: len(raw) // 2 * 2]), st.integers(0, 1000))
def test_frames_carry_all_samples_in_order(pcm: bytes, seq: int) -> None:
    frames = list(protocol.audio_frames(3, 7, seq, 100, pcm))
    assert b"".join(frame[16:] for frame in frames) == pcm
    assert all(len(frame) <= protocol.MAX_FRAME for frame in frames)
    position = 100
    for number, frame in enumerate(frames):
        assert protocol.frame_header(frame) == (3, 7, seq + number, position)
        position += (len(frame) - 16) // 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "[" * 16_000,
        '{"t":"welcome"}',
        '{"t":"ack","event":"sung"}',
        '{"t":"stats","x":"' + "a" * 17_000 + '"}',
    ],
)
def test_a_frame_that_is_not_of_the_protocol_is_refused(text: str) -> None:
    with pytest.raises(protocol.ProtocolError):
        protocol.parse(text)


def test_a_text_has_nothing_that_no_database_takes() -> None:
    said = protocol.parse('{"t":"hello","engine":"Chro\\u0000me\\ud800 103\\n"}')
    assert said.text("engine") == "Chrome 103"


@pytest.mark.parametrize("value", ["12", None, True, float("nan"), [1]])
def test_a_field_that_is_no_number_counts_as_the_least_one(value: object) -> None:
    assert protocol.Incoming("stats", {"fps": value}).number("fps", low=0) == 0


def test_a_number_out_of_range_is_forced_into_it() -> None:
    assert protocol.Incoming("stats", {"fps": 1e12}).number("fps", high=1000) == 1000
