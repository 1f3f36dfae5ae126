"""Cards on the dashboard: brought, looked at, taken or not, and exported again."""

from __future__ import annotations

import base64
import copy
import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from channels_app.models import AuditEvent, Channel, User
from personas.cards import carriers, png
from personas.cards.card import V1_FIELDS
from personas.look import default_avatar
from personas.models import AvatarPicture, CardDraft, PersonaVersion
from personas.snapshot import snapshot
from personas.uploads import store
from tests import factories
from tests.personas.cards.samples import CARDS, LOREBOOK, V1, V2, V3, WORLD, as_bytes, carried, picture
from tests.reading import left_in_english
from workers import records, tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client, alice: User, channel: Channel) -> Client:
    """Alice signed in; her character speaks in a style of its own."""
    factories.version(channel.personas.get(), style="Old style.")
    client.force_login(alice)
    return client


def address(channel: Channel, name: str = "persona_card") -> str:
    return reverse(name, args=[channel.public_id])


def bring(client: Client, channel: Channel, data: bytes) -> Any:
    return client.post(address(channel), {"card": SimpleUploadedFile("card", data)}, follow=True)


def brought_at(client: Client, channel: Channel) -> str:
    """What the form of the waiting card sends along."""
    found = re.search(r'name="brought_at" value="([^"]*)"', client.get(address(channel)).content.decode())
    return found[1] if found else ""


def decide(client: Client, channel: Channel, what: str, *, seen: str | None = None) -> Any:
    """Presses a button of the page: of the one that is shown now, or of the one `seen` before."""
    sent = {"do": what, "brought_at": brought_at(client, channel) if seen is None else seen}
    return client.post(address(channel, "persona_card_decide"), sent, follow=True)


def exported(client: Client, channel: Channel, kind: str) -> bytes:
    response = client.get(address(channel, "persona_card_export"), {"as": kind})
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    return bytes(response.content)


def published(channel: Channel) -> PersonaVersion:
    found = channel.personas.get(is_active=True).published
    assert found is not None
    return found


def test_nothing_is_live_before_somebody_has_looked_at_it(owner: Client, channel: Channel) -> None:
    before = published(channel)
    page = bring(owner, channel, carried(V3, "png")).content.decode()
    assert published(channel) == before
    for shown in (
        "Import Pippa?",
        "curious, brave",
        "Stay windy.",
        "NOTES FOR PEOPLE",
        "1 entry is used",
        "V3, PNG",
        "lamp, light",
        "The lamp burns whale oil.",
    ):
        assert shown in page
    assert "count below the safety rules" in page


def test_publishing_makes_a_new_version_and_leaves_look_voice_and_triggers(owner: Client, channel: Channel) -> None:
    before = published(channel)
    bring(owner, channel, as_bytes(V3))
    assert "Saved." in decide(owner, channel, "publish").content.decode()
    after = published(channel)
    assert (after.number, after.name, after.style) == (before.number + 1, "Pippa", "")
    assert after.nicknames == ["pip", "pippa"]
    assert after.description == V3["data"]["description"]
    assert (after.avatar, after.voice_engine, after.command) == (before.avatar, before.voice_engine, before.command)
    assert not CardDraft.objects.exists()
    assert list(AuditEvent.objects.values_list("action", flat=True).order_by("pk"))[-2:] == [
        "persona.card_brought", "persona.published",
    ]  # fmt: skip


def test_what_was_saved_while_the_card_waited_is_not_lost(owner: Client, channel: Channel) -> None:
    bring(owner, channel, as_bytes(V2))
    factories.version(channel.personas.get(), command="!new")
    decide(owner, channel, "publish")
    assert published(channel).command == "!new"


def test_decorators_that_are_not_followed_are_named_before_a_card_is_taken(owner: Client, channel: Channel) -> None:
    book = {"extensions": {}, "entries": [{"keys": ["lamp"], "content": "@@activate_only_every 3\nIt burns."}]}
    page = bring(owner, channel, as_bytes(V3 | {"data": V3["data"] | {"character_book": book}})).content.decode()
    assert "@@activate_only_every" in page
    assert "come up by their keys" in page


@pytest.fixture
def shelf(tmp_path: Path, settings: Any) -> None:
    """A media folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path


def bring_picture(client: Client, channel: Channel, data: bytes) -> Any:
    sent = {"card": SimpleUploadedFile("mira.png", data), "picture": "1"}
    return client.post(address(channel), sent, follow=True)


@pytest.mark.usefixtures("shelf")
def test_the_picture_of_a_card_becomes_her_look_where_that_is_chosen(owner: Client, channel: Channel) -> None:
    page = bring_picture(owner, channel, carriers.to_picture(V3, png.plain_picture())).content.decode()
    kept = AvatarPicture.objects.get()
    assert f"/media/avatars/{kept.name}" in page
    assert published(channel).avatar["kind"] == "svg"
    sent = {"do": "publish", "brought_at": brought_at(owner, channel), "picture": kept.name}
    owner.post(address(channel, "persona_card_decide"), sent)
    avatar = published(channel).avatar
    assert (avatar["kind"], avatar["own"]["pictures"]) == ("png", {"idle": kept.name})
    assert b"ccv3" not in (store.read(kept.name) or b"ccv3")


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("what", ["publish", "discard"])
def test_a_picture_that_is_not_chosen_is_not_kept(owner: Client, channel: Channel, what: str) -> None:
    bring_picture(owner, channel, carriers.to_picture(V3, png.plain_picture()))
    decide(owner, channel, what)
    assert not AvatarPicture.objects.exists()
    assert published(channel).avatar["kind"] == "svg"


@pytest.mark.usefixtures("shelf")
def test_a_card_whose_picture_is_no_good_is_read_all_the_same(owner: Client, channel: Channel) -> None:
    page = bring_picture(owner, channel, carriers.to_picture(V3, picture())).content.decode()
    assert "its picture was not kept" in page
    assert "Take it and publish" in page
    assert 'name="picture"' not in page


def test_a_card_may_be_left(owner: Client, channel: Channel) -> None:
    before = published(channel)
    bring(owner, channel, as_bytes(V2))
    decide(owner, channel, "discard")
    assert published(channel) == before
    assert not CardDraft.objects.exists()
    assert "That card is not waiting any more." in decide(owner, channel, "publish").content.decode()


def test_another_card_than_the_one_that_was_looked_at_is_not_published(owner: Client, channel: Channel) -> None:
    before = published(channel)
    bring(owner, channel, as_bytes(V3))
    seen = brought_at(owner, channel)
    bring(owner, channel, as_bytes(V2))
    page = decide(owner, channel, "publish", seen=seen).content.decode()
    assert "That card is not waiting any more." in page
    assert "Import " in page
    assert published(channel) == before


def test_what_the_channel_blocks_is_told_before_a_card_is_taken(owner: Client, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(banned_words=["lighthouse"])
    card = V2 | {"data": V2["data"] | {"description": "She keeps the lighthouse."}}
    page = bring(owner, channel, as_bytes(card)).content.decode()
    assert "“lighthouse” (Who she is) is blocked on this channel (rule channel.banned_word)" in page
    card = V2 | {"data": V2["data"] | {"description": "She calls them f4gg0t."}}
    assert bring(owner, channel, as_bytes(card)).status_code == 400


@pytest.mark.parametrize("carrier", ["json", "png", "apng", "charx"])
@pytest.mark.parametrize("version", CARDS)
def test_a_card_that_was_not_changed_is_exported_as_it_came(
    owner: Client, channel: Channel, version: str, carrier: str
) -> None:
    bring(owner, channel, carried(CARDS[version], carrier))
    decide(owner, channel, "publish")
    assert published(channel).card == CARDS[version]
    if version != "v1":
        assert carriers.read(exported(owner, channel, version)).document == CARDS[version]
    for kind in ("png", "charx", "v2", "v3"):
        again = carriers.read(exported(owner, channel, kind)).document["data"]
        fields = CARDS[version].get("data", {name: V1[name] for name in V1_FIELDS})
        kept = {name: value for name, value in fields.items() if name != "assets"}
        assert {name: again[name] for name in kept} == kept


def test_the_exported_picture_holds_the_card_for_old_and_new_programs(owner: Client, channel: Channel) -> None:
    bring(owner, channel, as_bytes(V3))
    decide(owner, channel, "publish")
    texts = png.card_texts(exported(owner, channel, "png"))
    assert set(texts) == {"ccv3", "chara"}
    assert b'"chara_card_v2"' in base64.b64decode(texts["chara"])


def test_what_was_changed_here_is_changed_in_the_export(owner: Client, channel: Channel) -> None:
    bring(owner, channel, as_bytes(V3))
    decide(owner, channel, "publish")
    factories.version(channel.personas.get(), name="Pippa II", description="New.", style="Loud.", card=V3)
    data = carriers.read(exported(owner, channel, "v3")).document["data"]
    assert (data["name"], data["description"]) == ("Pippa II", "New.")
    assert data["creation_date"] == V3["data"]["creation_date"]
    assert data["extensions"] == V3["data"]["extensions"] | {"aigirl": {"style": "Loud."}}
    bring(owner, channel, exported(owner, channel, "v3"))
    decide(owner, channel, "publish")
    assert published(channel).style == "Loud."


def test_how_she_speaks_survives_a_card_of_the_oldest_version(owner: Client, channel: Channel) -> None:
    factories.version(channel.personas.get(), name="Pippa", description=V1["description"], style="Loud.", card=V1)
    for kind in ("v2", "v3"):
        document = carriers.read(exported(owner, channel, kind)).document
        assert document["data"]["extensions"] == {"aigirl": {"style": "Loud."}}
        assert document["own_of_some_program"] == V1["own_of_some_program"]


def test_saving_the_persona_form_unchanged_leaves_the_card_as_it_came(owner: Client, channel: Channel) -> None:
    lines = V3 | {"data": V3["data"] | {"description": " First line.\r\nSecond line.\n\nThird. "}}
    bring(owner, channel, as_bytes(lines))
    decide(owner, channel, "publish")
    before = published(channel)
    page = reverse("persona", args=[channel.public_id])
    shown = owner.get(page).context
    filled = {field.html_name: field.value() for form in (shown["form"], shown["look"]) for field in form}
    filled |= {"description": before.description.replace("\n", "\r\n")}
    filled = {name: value for name, value in filled.items() if value is not None and value is not False}
    filled["nicknames"] = ", ".join(before.nicknames)
    assert owner.post(page, filled).status_code == 302
    assert published(channel) == before
    assert carriers.read(exported(owner, channel, "v3")).document == lines


@pytest.mark.parametrize(("field", "most"), [("description", 12_000), ("style", 2_000)])
def test_a_text_of_many_lines_up_to_the_limit_can_be_saved_again(
    owner: Client, channel: Channel, field: str, most: int
) -> None:
    text: Any = ("line\n" * most)[: most - 1] + "."
    values: dict[str, Any] = {field: text}
    factories.version(channel.personas.get(), **values)
    page = reverse("persona", args=[channel.public_id])
    shown = owner.get(page).context
    filled = {item.html_name: item.value() for form in (shown["form"], shown["look"]) for item in form}
    filled = {name: value for name, value in filled.items() if value is not None and value is not False}
    for line_break in ("\r\n", "\r"):
        assert owner.post(page, filled | {field: text.replace("\n", line_break)}).status_code == 302
        assert getattr(published(channel), field) == text
    assert owner.post(page, filled | {field: text.replace("\n", "\r\n") + "x"}).status_code == 400


def test_the_preview_is_russian(owner: Client, channel: Channel) -> None:
    owner.cookies["django_language"] = "ru"
    data = V3["data"] | dict.fromkeys(
        (*V1_FIELDS, "nickname", "system_prompt", "post_history_instructions"), "Маячница"
    )
    data |= {"personality": "boobs", "creator_notes": "заметки", "creator": "автор"}
    data["character_book"] = {"entries": [{"keys": ["/(?=lamp)x/"], "content": "y", "constant": True}]}
    page = bring(owner, channel, as_bytes(V3 | {"data": data})).content.decode()
    assert "Маячница" in page
    assert left_in_english(page, "boobs", "(?=lamp)x", "unknown_field", "Alice") == []


def test_a_persona_without_a_card_can_be_taken_along(owner: Client, channel: Channel) -> None:
    for kind in ("v2", "v3", "png", "charx"):
        data = carriers.read(exported(owner, channel, kind)).document["data"]
        assert (data["name"], data["personality"]) == ("Mira", "Old style.")


@pytest.mark.parametrize("book", [LOREBOOK, WORLD])
def test_a_lorebook_alone_joins_who_she_is(owner: Client, channel: Channel, book: dict[str, Any]) -> None:
    assert "1 entry is used" in bring(owner, channel, as_bytes(book)).content.decode()
    decide(owner, channel, "publish")
    assert published(channel).name == "Mira"
    values = snapshot(channel)
    assert values is not None
    assert len(records.persona_from(values).character.books[0].entries) == 1
    assert carriers.read(exported(owner, channel, "lorebook")).document["spec"] == "lorebook_v3"


def test_the_run_gets_the_card(owner: Client, channel: Channel) -> None:
    bring(owner, channel, as_bytes(V3))
    decide(owner, channel, "publish")
    values = snapshot(channel)
    assert values is not None
    character = records.persona_from(values).character
    assert (character.nickname, character.personality) == ("Pip", "curious, brave")
    (book,) = character.books
    assert (book.scan_depth, book.token_budget, book.recursive) == (3, 300, True)
    assert book.entries[0].tokens > 3
    assert "NOTES" not in str(values)


def test_a_card_can_be_taken_off(owner: Client, channel: Channel) -> None:
    bring(owner, channel, as_bytes(V3))
    page = decide(owner, channel, "publish").content.decode()
    assert "She lives by the card of <b>Pippa</b>" in page
    decide(owner, channel, "take_off")
    assert (published(channel).card, published(channel).name) == ({}, "Pippa")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no card", "This is no character card."),
        (carried(V2, "png")[:-20], "damaged or not finished"),
        (as_bytes(V2 | {"data": V2["data"] | {"tags": ["nsfw"]}}), "made for sexual talk"),
        (as_bytes(V2 | {"data": V2["data"] | {"description": "Age: 14.", "tags": ["nsfw"]}}), "shown as a minor"),
        (as_bytes(V1 | {"scenario": "jailbait"}), "may never say"),
        (as_bytes({"entries": [{"keys": ["a"], "content": "jailbait"}]}), "may never say"),
    ],
)
def test_bad_and_hostile_cards_are_refused_with_the_reason(
    owner: Client, channel: Channel, data: bytes, reason: str
) -> None:
    response = bring(owner, channel, data)
    assert response.status_code == 400
    assert reason in response.content.decode()
    assert not CardDraft.objects.exists()


def test_keys_that_cannot_be_run_are_named(owner: Client, channel: Channel) -> None:
    card = copy.deepcopy(V3)
    card["data"]["character_book"]["entries"].append({"keys": ["/(?=lamp)x/"], "content": "y"})
    assert "will not match: (?=lamp)x." in bring(owner, channel, as_bytes(card)).content.decode()


def test_what_a_card_says_is_shown_as_text(owner: Client, channel: Channel) -> None:
    card = V1 | {"name": "<script>x</script>", "personality": "<img src=x>"}
    page = bring(owner, channel, as_bytes(card)).content.decode()
    assert "<script>x" not in page
    assert "<img src=x>" not in page


def test_a_form_without_a_file_says_so(owner: Client, channel: Channel) -> None:
    response = owner.post(address(channel))
    assert (response.status_code, "Choose a card first." in response.content.decode()) == (400, True)
    assert "Read the card" in owner.get(address(channel)).content.decode()


def test_a_moderator_may_not_bring_or_take_cards(client: Client, channel: Channel, bob: User) -> None:
    client.force_login(bob)
    assert client.get(address(channel)).status_code == 403
    assert client.get(address(channel, "persona_card_export"), {"as": "v3"}).status_code == 403


def test_a_second_import_takes_the_place_of_the_first(owner: Client, channel: Channel) -> None:
    bring(owner, channel, as_bytes(V1))
    page = bring(owner, channel, as_bytes(V2 | {"data": V2["data"] | {"name": "Otto"}})).content.decode()
    assert "Import Otto?" in page
    assert CardDraft.objects.count() == 1


def test_a_card_nobody_published_is_forgotten_after_a_week(owner: Client, channel: Channel) -> None:
    bring(owner, channel, as_bytes(V1))
    CardDraft.objects.update(created_at=timezone.now() - timedelta(days=8))
    bring(owner, channel, as_bytes(V2))
    tasks.forget_old()
    assert CardDraft.objects.count() == 1
    CardDraft.objects.update(created_at=timezone.now() - timedelta(days=8))
    tasks.forget_old()
    assert not CardDraft.objects.exists()


def size_of(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture)) as image:
        return image.size


def test_the_picture_of_an_export_is_her_own_where_she_has_one(owner: Client, channel: Channel) -> None:
    assert size_of(exported(owner, channel, "png")) == (400, 400)
    name = "0" * 32 + ".png"
    store.write(name, picture())
    worn = {"kind": "png", "own": {"pictures": {"closed": name}}}
    factories.version(channel.personas.get(), avatar=default_avatar() | worn)
    assert size_of(exported(owner, channel, "png")) == (2, 2)
