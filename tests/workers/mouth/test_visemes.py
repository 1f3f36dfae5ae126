"""Which shape the mouth takes for a sound."""

from __future__ import annotations

import pytest

from workers.mouth.visemes import shapes_of
from workers.pipeline.values import Viseme


@pytest.mark.parametrize(
    ("phone", "visemes"),
    [
        ("p", ["PP"]),
        ("bʲ", ["PP"]),
        ("m", ["PP"]),
        ("v", ["FF"]),
        ("θ", ["TH"]),
        ("tʃʲ", ["CH"]),
        ("dʒ", ["CH"]),
        ("ts", ["SS"]),
        ("ˈɑː", ["aa"]),
        ("aɪ", ["aa", "I"]),
        ("oʊ", ["O", "U"]),
        ("ɨ", ["I"]),
        ("w", ["U"]),
        ("r", ["RR"]),
        ("ʲ", []),
        ("ˈ", []),
        ("", []),
        ("🤖", []),
    ],
)
def test_a_phone_has_its_shapes(phone: str, visemes: list[str]) -> None:
    assert [str(shape.viseme) for shape in shapes_of(phone)] == visemes


def test_open_vowels_open_wider_than_close_ones() -> None:
    (wide,), (middle,), (close,) = shapes_of("ɑ"), shapes_of("ɛ"), shapes_of("i")
    assert wide.opening > middle.opening > close.opening > 0


def test_every_phone_espeak_uses_in_english_and_russian_has_a_shape() -> None:
    known = "pbmfvθðtdɾkɡxhʃʒɕszɹrlɭɫnŋjwiɪᵻɨuʊeɛəɚɜoɔʌɐæaɑ"
    assert [phone for phone in known if not shapes_of(phone)] == []


def test_shapes_are_named_as_on_the_wire() -> None:
    assert " ".join(Viseme) == "sil PP FF TH DD kk CH SS nn RR aa E I O U"
