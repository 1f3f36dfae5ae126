"""Her versions: drafts that are told to nobody, any two compared, and every way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from channels_app.actions import Refused
from channels_app.models import AuditEvent, Channel, User
from personas import actions
from personas.actions import FIELDS, discard_version, keep_draft, publish_kept, roll_back, save_persona, values_in
from personas.compare import differences
from personas.models import AvatarPicture, PersonaVersion
from personas.snapshot import snapshot
from personas.text_diff import Steps, worded
from tests.effort import effort
from tests.personas.cards.samples import LOREBOOK, V3

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]


@pytest.fixture
def owner(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def live(channel: Channel) -> PersonaVersion:
    found = channel.personas.get(is_active=True).published
    assert found is not None
    return found


def test_a_draft_is_told_to_nobody_until_it_is_published(channel: Channel, alice: User) -> None:
    before = snapshot(channel)
    draft = keep_draft(channel, acting_user=alice, values={"name": "Nova"})
    keep_draft(channel, acting_user=alice, values={"style": "Whispers."}, number=draft.number)
    assert snapshot(channel) == before
    publish_kept(channel, acting_user=alice, number=draft.number)
    assert (live(channel).name, live(channel).style, live(channel).author) == ("Nova", "Whispers.", alice)
    assert AuditEvent.objects.latest("pk").detail["fields"] == ["name", "style"]


def test_going_back_loses_nothing(channel: Channel, alice: User) -> None:
    first = live(channel)
    second = save_persona(channel, acting_user=alice, values={"name": "Nova", "card": V3, "mood": "shy"})
    third = roll_back(channel, acting_user=alice, number=first.number)
    assert values_in(third) == values_in(first)
    assert third.restores == first.number
    fourth = roll_back(channel, acting_user=alice, number=second.number)
    assert {name: getattr(fourth, name) for name in FIELDS} == {name: getattr(second, name) for name in FIELDS}
    assert channel.persona_versions.count() == 4
    with pytest.raises(Refused):
        roll_back(channel, acting_user=alice, number=99)


def test_going_back_wears_no_picture_that_was_deleted(channel: Channel, alice: User) -> None:
    first = live(channel)
    own = {"pictures": {"idle": "gone.png", "talk": "gone.png"}, "mouth": {}, "bounce": 8}
    worn = save_persona(channel, acting_user=alice, values={"avatar": first.avatar | {"kind": "png", "own": own}})
    save_persona(channel, acting_user=alice, values={"avatar": first.avatar})
    back = roll_back(channel, acting_user=alice, number=worn.number)
    assert (back.avatar["kind"], back.avatar["own"]["pictures"]) == ("svg", {})


def test_numbers_of_what_was_live_rise_as_it_happened(channel: Channel, alice: User) -> None:
    draft = keep_draft(channel, acting_user=alice, values={"name": "Nova"})
    save_persona(channel, acting_user=alice, values={"name": "Vega"})
    late = publish_kept(channel, acting_user=alice, number=draft.number)
    past = channel.persona_versions.filter(published_at__isnull=False).order_by("published_at")
    assert [version.number for version in past] == sorted(version.number for version in past)
    assert late.name == "Nova"


def test_drafts_are_thrown_away_and_what_was_live_is_not(channel: Channel, alice: User) -> None:
    draft = keep_draft(channel, acting_user=alice, values={"name": "Nova"})
    assert discard_version(channel, acting_user=alice, number=draft.number)
    assert not discard_version(channel, acting_user=alice, number=live(channel).number)
    with pytest.raises(Refused):
        publish_kept(channel, acting_user=alice, number=draft.number)


def test_drafts_do_not_pile_up_for_ever(channel: Channel, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_DRAFTS", 1)
    keep_draft(channel, acting_user=alice, values={"name": "Nova"})
    with pytest.raises(Refused):
        keep_draft(channel, acting_user=alice, values={"name": "Vega"})


@given(st.text(max_size=80), st.text(max_size=80), st.sampled_from([0, 40, 400, 4_000_000]))
def test_both_texts_can_be_read_from_their_comparison(before: str, after: str, most: int) -> None:
    pieces = worded(before, after, Steps(most))
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after


@pytest.mark.parametrize("unit", ["a ", "a b ", "a\n", "a\nb\n"])
def test_texts_made_to_keep_a_comparison_busy_are_compared_coarsely(unit: str) -> None:
    before, after = f"x {unit * 6_000}z\n", f"y {unit * 5_990}\nq {unit * 5}"
    with effort(2_500):
        pieces = worded(before, after, Steps())
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before


def test_many_long_entries_share_what_may_be_spent(channel: Channel, alice: User) -> None:
    def book(word: str) -> dict[str, Any]:
        entries = [{"id": number, "keys": [word], "content": f"{word} it was " * 900} for number in range(60)]
        return LOREBOOK | {"data": LOREBOOK["data"] | {"entries": entries}}

    before = save_persona(channel, acting_user=alice, values={"lorebook": book("so")})
    after = save_persona(channel, acting_user=alice, values={"lorebook": book("as")})
    with effort(2_500):
        assert len(differences(before, after)) == 60


def test_single_words_are_marked(channel: Channel, alice: User) -> None:
    before = live(channel)
    after = save_persona(channel, acting_user=alice, values={"description": before.description.replace("fox", "owl")})
    (found,) = differences(before, after)
    assert [(piece.kind, piece.text) for piece in found.pieces if piece.kind != "same"] == [
        ("gone", "fox"),
        ("new", "owl"),
    ]


def test_choices_are_compared_in_the_readers_words(channel: Channel, alice: User) -> None:
    before = live(channel)
    name = "0123456789abcdef.png"
    AvatarPicture.objects.create(channel=channel, name=name, label="smiling.png", width=16, height=16, size=1)
    look = {"kind": "png", "drawn": {"accessories": ["cat_ears"]}, "own": {"pictures": {"idle": name}}}
    values = {"avatar": look, "language_voices": {"ru": "espeak:ru"}, "voice_engine": "espeak"}
    after = save_persona(channel, acting_user=alice, values=values)
    with translation.override("ru"):
        told = " ".join(f"{found.before} {found.after}" for found in differences(before, after))
    for words in ("Кошачьи ушки", "Мои картинки", "русский: espeak:ru", "smiling.png", "Лучший"):
        assert words in told
    for code in ("cat_ears", "svg", "auto", name):
        assert code not in told


def test_every_field_and_every_entry_shows_in_the_comparison(channel: Channel, alice: User) -> None:
    before = live(channel)
    book: dict[str, Any] = LOREBOOK["data"]
    entry = book["entries"][0] | {"content": "Another truth."}
    changed = LOREBOOK | {"data": book | {"entries": [entry, *book["entries"][1:]]}}
    values = {
        "mood": "shy", "events": ["raid"], "chance": 0.5, "nicknames": ["m"], "question": True, "card": V3,
        "palette": before.palette | {"hair": "#000000"}, "language_voices": {"ru": "espeak:ru"},
    }  # fmt: skip
    middle = save_persona(channel, acting_user=alice, values=values | {"lorebook": LOREBOOK})
    labels = {found.label for found in differences(before, middle)}
    for label in ("Resting mood", "Events she reacts to", "Nicknames", "Hair", "Personality"):
        assert label.lower() in {each.lower() for each in labels}
    after = save_persona(channel, acting_user=alice, values={"lorebook": changed})
    (found,) = differences(middle, after)
    assert found.group == "Lorebook"
    assert "Another" in {piece.text for piece in found.pieces if piece.kind == "new"} or any(
        "Another truth" in piece.text for piece in found.pieces
    )


def test_the_page_tells_who_did_what_and_leads_back(owner: Client, channel: Channel, alice: User) -> None:
    first = live(channel)
    second = save_persona(channel, acting_user=alice, values={"name": "Nova"})
    path = reverse("persona_versions", args=[channel.public_id])
    shown = owner.get(path, {"a": first.number, "b": second.number}).content.decode()
    for told in ("Alice", "Changed: Name", "[gone: </span>Mira", "[new: </span>Nova", "Go back to version 1"):
        assert told in shown
    assert "This is version 3" in owner.post(path, {"do": "restore", "number": 1}, follow=True).content.decode()
    assert live(channel).name == first.name


def test_a_draft_is_edited_on_the_persona_page(owner: Client, channel: Channel) -> None:
    path = reverse("persona", args=[channel.public_id])
    shown = owner.get(path).context
    filled = {field.html_name: field.value() for form in (shown["form"], shown["look"]) for field in form}
    filled = {name: "" if value is None else value for name, value in filled.items()}
    kept = owner.post(path, filled | {"name": "Nova", "do": "draft"})
    assert "?draft=2" in kept["Location"]
    assert live(channel).name == "Mira"
    assert owner.get(kept["Location"]).context["form"]["name"].value() == "Nova"
    owner.post(kept["Location"], filled | {"name": "Nova", "do": "publish"})
    assert live(channel).name == "Nova"
    assert owner.get(kept["Location"], follow=True).redirect_chain
    late = owner.post(kept["Location"], filled | {"name": "Vega", "do": "publish"})
    assert (late.status_code, late.context["form"]["name"].value()) == (409, "Vega")
    assert "Draft 2 is not there any more" in late.content.decode()
    assert f'action="{path}"' in late.content.decode()
    assert live(channel).name == "Nova"


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_only_the_owner_goes_back(client: Client, channel: Channel, who: str, request: pytest.FixtureRequest) -> None:
    client.force_login(request.getfixturevalue(who))
    path = reverse("persona_versions", args=[channel.public_id])
    assert client.post(path, {"do": "restore", "number": 1}).status_code in (403, 404)
    assert channel.persona_versions.count() == 1
