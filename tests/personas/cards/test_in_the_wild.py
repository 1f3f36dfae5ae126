"""Cards as programs really write them, which is not always as the standard says."""

from __future__ import annotations

from typing import Any

import pytest

from personas.cards import carriers
from personas.cards.card import as_kind, card_of
from personas.cards.png import Chunk
from personas.cards.refusal import CardRefused
from tests.personas.cards.samples import V1, V2, V3, as_bytes, coded, picture, text_chunk

OTHER = V2 | {"data": V2["data"] | {"name": "Older Pippa"}}


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt", "packed iTXt"])
@pytest.mark.parametrize("keyword", ["chara", "Chara", "CHARA"])
def test_every_kind_of_text_chunk_is_read_under_any_case(keyword: str, kind: str) -> None:
    assert carriers.read(picture(text_chunk(keyword, coded(V2), kind))).document == V2


@pytest.mark.parametrize("order", [("chara", "ccv3"), ("CCV3", "chara")])
def test_the_newer_card_wins_wherever_it_stands(order: tuple[str, str]) -> None:
    chunks = [text_chunk(name, coded(OTHER if name == "chara" else V3)) for name in order]
    brought = carriers.read(picture(*chunks))
    assert brought.document == V3
    assert brought.two_cards


def test_the_same_card_twice_is_no_contradiction() -> None:
    assert not carriers.read(picture(text_chunk("chara", coded(V2)), text_chunk("ccv3", coded(V3)))).two_cards


def test_a_broken_newer_card_gives_way_to_the_older_one() -> None:
    broken = text_chunk("ccv3", coded(V3)[:-40])
    assert carriers.read(picture(broken, text_chunk("chara", coded(V2)))).document == V2


def test_other_texts_of_a_picture_are_passed_over() -> None:
    chunks = [text_chunk("Comment", b"chara"), Chunk(b"tEXt", b"no end"), text_chunk("chara", coded(V2))]
    assert carriers.read(picture(*chunks)).document == V2


def test_line_breaks_inside_the_code_are_no_harm() -> None:
    value = coded(V2)
    assert carriers.read(picture(text_chunk("chara", value[:76] + b"\r\n" + value[76:] + b"\n"))).document == V2


def test_a_byte_order_mark_before_the_text_is_no_harm() -> None:
    assert carriers.read(b"\xef\xbb\xbf" + as_bytes(V1)).document == V1


def test_a_v3_card_that_is_only_a_v2_card_with_another_name_is_read() -> None:
    thin = V2 | {"spec": "chara_card_v3", "spec_version": "3.0", "name": "Pippa"}
    card = card_of(carriers.read(as_bytes(thin)).document)
    assert (card.kind, card.text("nickname"), card.texts("group_only_greetings")) == ("v3", "", [])
    assert as_kind(card, "v3") == thin


@pytest.mark.parametrize(("version", "newer"), [("3.0", False), ("3.1", True), ("10.0", True), (4, True), ("?", False)])
def test_a_newer_format_is_read_and_known_as_newer(version: Any, newer: bool) -> None:
    card = card_of(carriers.read(as_bytes(V3 | {"spec_version": version})).document)
    assert (card.text("name"), card.is_newer) == ("Pippa", newer)


def test_a_format_that_does_not_exist_yet_is_read_as_the_last_one() -> None:
    assert card_of(carriers.read(as_bytes(V3 | {"spec": "chara_card_v4"})).document).kind == "v3"


def test_fields_of_a_wrong_kind_are_as_good_as_missing() -> None:
    odd = V2 | {"data": {"name": "Pippa", "description": 7, "tags": "none", "character_book": []}}
    card = card_of(carriers.read(as_bytes(odd)).document)
    assert (card.text("description"), card.texts("tags"), card.book) == ("", [], {})


@pytest.mark.parametrize("value", [{}, {"a": 1}, {"name": "only"}, {"spec": "chara_card_v2"}, {"spec": 3, "data": {}}])
def test_other_json_is_no_card(value: Any) -> None:
    with pytest.raises(CardRefused) as refused:
        carriers.read(as_bytes(value))
    assert refused.value.code == "not_a_card"
