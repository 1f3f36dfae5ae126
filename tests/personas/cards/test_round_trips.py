"""What comes in goes out again: every key, in every version of the format and every kind of file."""

from __future__ import annotations

import copy
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from personas.cards import carriers
from personas.cards.card import V1_FIELDS, Kind, as_kind, card_of, with_texts
from tests.personas.cards.samples import CARDS, LOREBOOK, V1, V2, V3, carried, picture

CARRIERS = ("json", "png", "apng", "charx")


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("version", CARDS)
def test_a_card_comes_back_equal_on_every_key(version: str, carrier: str) -> None:
    once = carriers.read(carried(CARDS[version], carrier))
    twice = carriers.read(carried(once.document, carrier))
    assert once.document == twice.document == CARDS[version]
    assert once.carrier == twice.carrier == carrier
    assert not once.two_cards


def test_a_lorebook_alone_comes_back_equal() -> None:
    assert carriers.read(carried(LOREBOOK, "json")).document == LOREBOOK


keys = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | keys,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)
fields = st.dictionaries(keys.filter(lambda key: key not in {"name", "character_book"}), values, max_size=5)


@settings(max_examples=60)
@given(unknown=fields, extensions=fields, beside=fields, carrier=st.sampled_from(CARRIERS))
def test_unknown_fields_survive(
    unknown: dict[str, Any], extensions: dict[str, Any], beside: dict[str, Any], carrier: str
) -> None:
    data = unknown | {"name": "Pippa", "extensions": extensions}
    document = beside | {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}
    assert carriers.read(carried(document, carrier)).document == document


@pytest.mark.parametrize("carrier", ["png", "apng"])
def test_the_picture_stays_a_picture(carrier: str) -> None:
    with Image.open(io.BytesIO(carried(V3, carrier))) as image:
        assert image.size == (2, 2)
        assert getattr(image, "n_frames", 1) == (2 if carrier == "apng" else 1)


def test_a_card_in_a_picture_takes_the_place_of_the_old_one() -> None:
    other = V3 | {"data": V3["data"] | {"name": "Somebody else"}}
    assert carriers.read(carriers.to_picture(V2, carriers.to_picture(other, picture()))).document == V2


def test_a_card_for_a_charx_names_no_file_that_is_not_inside() -> None:
    left = carriers.without_files(V3)["data"]["assets"]
    assert [asset["name"] for asset in left] == ["sea"]


@pytest.mark.parametrize(("version", "kind"), [("v1", "v2"), ("v1", "v3"), ("v2", "v3"), ("v3", "v2")])
def test_a_card_in_another_version_keeps_everything_and_has_what_is_demanded(version: str, kind: Any) -> None:
    made = as_kind(card_of(CARDS[version]), kind)
    original = card_of(CARDS[version])
    assert made["spec"] == f"chara_card_{kind}"
    assert made["data"].items() >= {name: original.text(name) for name in V1_FIELDS}.items()
    assert {"extensions", "tags", "alternate_greetings", "creator_notes"} <= made["data"].keys()
    if kind == "v3":
        assert made["data"]["group_only_greetings"] == []
    if version == "v1":
        assert made["own_of_some_program"] == V1["own_of_some_program"]
    else:
        assert made["data"].items() >= CARDS[version]["data"].items()
        assert made["beside_data"] == CARDS[version]["beside_data"]


@pytest.mark.parametrize("version", CARDS)
def test_making_another_version_leaves_the_original_alone(version: str) -> None:
    before = copy.deepcopy(CARDS[version])
    kinds: tuple[Any, ...] = ("v1", "v2", "v3")
    for kind in kinds:
        as_kind(card_of(CARDS[version]), kind)["name"] = "changed"
    with_texts(card_of(CARDS[version]), {"name": "changed"})
    assert CARDS[version] == before


def test_dates_are_never_touched() -> None:
    changed = with_texts(card_of(V3), {"description": "new"}).document["data"]
    assert (changed["creation_date"], changed["modification_date"]) == (1_700_000_001, 1_700_000_002)
    assert "creation_date" not in as_kind(card_of(V2), "v3")["data"]


def test_a_changed_text_is_changed_where_older_programs_look_too() -> None:
    doubled = V2 | {name: V2["data"][name] for name in V1_FIELDS}
    changed = with_texts(card_of(doubled), {"description": "new", "name": "Pippa"}).document
    assert changed["description"] == changed["data"]["description"] == "new"
    assert changed["name"] == "Pippa"


def test_kinds_are_named() -> None:
    found: list[Kind] = [card_of(CARDS[version]).kind for version in CARDS]
    assert found == ["v1", "v2", "v3"]
