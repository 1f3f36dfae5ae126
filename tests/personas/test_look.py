"""What she looks like: one of her own for every channel, kept by version, told to the overlay."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from aigirl_site.env import ROOT
from channels_app.models import Channel, User
from personas import look
from personas.actions import create_default_persona, save_persona
from personas.look_form import PARTS, LookForm
from personas.models import PersonaVersion
from tests import factories

AVATARS = ROOT / "overlay_static" / "src" / "avatars"


def names_in_typescript(constant: str) -> list[str]:
    text = (AVATARS / "look.ts").read_text()
    found = re.search(rf"{constant} = \[(.*?)\]", text, re.DOTALL)
    assert found
    return re.findall(r"'(\w+)'", found[1])


@pytest.mark.parametrize(
    ("constant", "choices"),
    [
        ("FACE_NAMES", look.FACES),
        ("HAIR_NAMES", look.HAIR),
        ("FRINGE_NAMES", look.FRINGES),
        ("OUTFIT_NAMES", look.OUTFITS),
        ("ACCESSORY_NAMES", look.ACCESSORIES),
    ],
)
def test_form_and_drawing_know_the_same_parts(constant: str, choices: list[Any]) -> None:
    assert names_in_typescript(constant) == [name for name, _label in choices]


def test_form_and_drawing_know_the_same_colours() -> None:
    assert set(names_in_typescript("COLOUR_NAMES")) == set(look.default_palette())


def test_the_protocol_page_names_every_part() -> None:
    page = (ROOT / "docs" / "overlay-protocol.md").read_text()
    parts = [*look.FACES, *look.HAIR, *look.FRINGES, *look.OUTFITS, *look.ACCESSORIES]
    assert [name for name, _label in parts if f"`{name}`" not in page] == []


def test_every_channel_begins_with_a_look_of_its_own() -> None:
    looks = [look.look_of_her_own(f"channel-{number}") for number in range(60)]
    assert looks[3] == look.look_of_her_own("channel-3")
    assert len({str(one) for one in looks}) == 60
    assert len({one["avatar"]["drawn"]["face"] for one in looks}) == len(look.FACES)


def test_a_new_channel_shows_its_look(alice: User) -> None:
    channel = factories.channel(alice)
    version = create_default_persona(channel, "en")
    channel.refresh_from_db()
    drawn = look.look_of_her_own(channel.public_id)["avatar"]["drawn"]
    assert version.avatar["drawn"] == drawn
    assert channel.look["avatar"] == {"kind": "svg", **drawn, "palette": version.palette}


def test_a_change_is_a_new_version_and_the_old_one_stays(channel: Channel, alice: User) -> None:
    before = channel.persona_versions.get()
    avatar = {**before.avatar, "drawn": {**before.avatar["drawn"], "face": "cool"}}
    after = save_persona(channel, acting_user=alice, values={"avatar": avatar})
    channel.refresh_from_db()
    assert after.pk != before.pk
    assert PersonaVersion.objects.get(pk=before.pk).avatar["drawn"]["face"] == "soft"
    assert channel.look["avatar"]["face"] == "cool"


def test_her_own_pictures_are_told_by_address() -> None:
    own = {"pictures": {"idle": "a.png", "talk": "b.webp"}, "mouth": {"half": 0.1, "open": 0.4}, "bounce": 3}
    assert look.avatar_spec({"kind": "png", "own": own}, {}) == {
        "kind": "png",
        "pictures": {"idle": "/media/avatars/a.png", "talk": "/media/avatars/b.webp"},
        "mouth": {"half": 0.1, "open": 0.4},
        "bounce": 3,
    }


def test_without_a_resting_picture_she_is_drawn() -> None:
    assert look.avatar_spec({"kind": "png", "own": {"pictures": {"talk": "b.png"}}}, {})["kind"] == "svg"


def form_values(version: PersonaVersion, **changes: Any) -> dict[str, Any]:
    form = LookForm(version=version, pictures=[])
    return {field.html_name: field.value() for field in form} | changes


def test_an_unchanged_form_gives_the_same_look(channel: Channel) -> None:
    version = channel.persona_versions.get()
    form = LookForm(form_values(version), version=version, pictures=[])
    assert form.is_valid(), form.errors
    assert form.values() == {"avatar": version.avatar, "palette": version.palette}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"kind": "png"}, "slot_idle", "Add a picture with the mouth closed"),
        ({"mouth_half": 60, "mouth_open": 30}, "mouth_open", "must need more"),
        ({"colour_skin": "javascript:"}, "colour_skin", "at most 7 characters"),
        ({"colour_hair": "#12345z"}, "colour_hair", "A colour looks like"),
        ({"face": "skull"}, "face", "not one of the available choices"),
        ({"slot_talk": "somebody-elses.png"}, "slot_talk", "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    changes: dict[str, Any], field: str, sentence: str, channel: Channel
) -> None:
    version = channel.persona_versions.get()
    form = LookForm(form_values(version, **changes), version=version, pictures=[])
    assert not form.is_valid()
    assert sentence in str(form.errors[field])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_offers_every_part_as_a_choice_for_the_keyboard(language: str, channel: Channel, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    with translation.override(language):
        page = client.get(reverse("persona", args=[channel.public_id]), headers={"Accept-Language": language})
    html = page.content.decode()
    for part, (_legend, choices) in PARTS.items():
        for name, _label in choices:
            assert re.search(rf'<input type="radio" name="{part}" value="{name}"', html)
    assert html.count('type="color"') == len(look.default_palette())
