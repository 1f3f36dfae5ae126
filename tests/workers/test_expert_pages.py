"""A card's texts and lorebook by hand: everything else of the card stays, and the rules of import hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.models import Channel, User
from personas.actions import save_persona
from personas.cards.card import card_of
from personas.cards.summary import entry_rows
from personas.models import PersonaVersion
from tests.personas.cards.samples import V1, V3

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]
ENTRY = {"comment": "Bolt", "keys": "parrot, /bol+t/i", "content": "Bolt is a parrot.", "enabled": "on",
         "insertion_order": "10", "position": "after_char", "do": "draft"}  # fmt: skip


@pytest.fixture
def owner(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def newest(channel: Channel) -> PersonaVersion:
    found = channel.persona_versions.order_by("-number").first()
    assert found is not None
    return found


def write(client: Client, channel: Channel, **texts: str) -> Any:
    path = reverse("persona_expert", args=[channel.public_id])
    form = client.get(path).context["form"]
    filled = {field.html_name: field.value() or "" for field in form} | {"do": "draft"}
    return client.post(path, filled | texts, follow=True)


def enter(client: Client, channel: Channel, entry: str = "new", draft: str = "", **changes: str) -> Any:
    path = f"{reverse('persona_lore', args=[channel.public_id])}?shelf=card&entry={entry}{draft}"
    return client.post(path, ENTRY | changes, follow=True)


def test_texts_are_written_into_a_card_that_keeps_all_else(owner: Client, channel: Channel, alice: User) -> None:
    save_persona(channel, acting_user=alice, values={"card": V3})
    write(owner, channel, personality="Brave.", alternate_greetings="One\r\n---\r\nTwo")
    made = newest(channel).card
    assert made["data"] == V3["data"] | {"personality": "Brave.", "alternate_greetings": ["One", "Two"]}
    assert {**made, "data": 0, "personality": 0} == {**V3, "data": 0, "personality": 0}


def test_a_card_is_made_where_there_was_none_and_not_for_nothing(owner: Client, channel: Channel) -> None:
    write(owner, channel)
    assert newest(channel).card == {}
    write(owner, channel, scenario="A tower by the sea.", nickname="Mi")
    card = card_of(newest(channel).card)
    assert (card.kind, card.text("scenario"), card.text("nickname")) == ("v3", "A tower by the sea.", "Mi")


def test_an_old_card_becomes_a_new_one_only_where_it_must(owner: Client, channel: Channel, alice: User) -> None:
    save_persona(channel, acting_user=alice, values={"card": V1})
    write(owner, channel, personality="Brave.")
    assert card_of(newest(channel).card).kind == "v1"
    write(owner, channel, system_prompt="Speak of weather.")
    assert card_of(newest(channel).card).kind == "v3"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("heil hitler", "is blocked on every channel"),
        ("She is 12 years old. Orgasms all day.", "minor in a sexual setting"),
        ("x" * 12_001, "12000"),
    ],
    ids=["hard", "minors", "long"],
)
def test_what_may_not_be_brought_may_not_be_written(owner: Client, channel: Channel, text: str, why: str) -> None:
    answer = write(owner, channel, personality=text)
    assert answer.status_code == 400
    assert why in answer.content.decode()
    assert channel.persona_versions.count() == 1
    if why != "12000":
        assert enter(owner, channel, content=text).status_code == 400


def test_entries_come_change_and_go(owner: Client, channel: Channel) -> None:
    enter(owner, channel)
    draft = newest(channel)
    (entry,) = entry_rows(card_of(draft.card).book)
    assert (entry["keys"], entry["content"], entry["enabled"]) == (["parrot", "/bol+t/i"], "Bolt is a parrot.", True)
    same = f"&draft={draft.number}"
    enter(owner, channel, "0", same, content="Bolt is a grey parrot.", secondary_keys="cage")
    draft.refresh_from_db()
    (changed,) = entry_rows(card_of(draft.card).book)
    assert changed["content"] == "Bolt is a grey parrot."
    assert (changed["secondary_keys"], changed["selective"]) == (["cage"], True)
    enter(owner, channel, "0", same, remove="1")
    draft.refresh_from_db()
    assert entry_rows(card_of(draft.card).book) == []
    assert channel.persona_versions.count() == 2


def test_an_entry_keeps_the_fields_nobody_here_knows(owner: Client, channel: Channel, alice: User) -> None:
    save_persona(channel, acting_user=alice, values={"card": V3})
    before = entry_rows(card_of(V3).book)[0]
    enter(owner, channel, "0", keys=", ".join(before["keys"]))
    after = entry_rows(card_of(newest(channel).card).book)[0]
    known = {"comment", "name", "keys", "content", "constant", "enabled", "insertion_order", "position",
             "secondary_keys", "selective"}  # fmt: skip
    assert {name: value for name, value in after.items() if name not in known} == {
        name: value for name, value in before.items() if name not in known
    }


def test_an_entry_that_can_never_come_up_is_not_taken(owner: Client, channel: Channel) -> None:
    assert "Give words that bring it up" in enter(owner, channel, keys="").content.decode()
    assert enter(owner, channel, keys="", constant="on").status_code == 200
    assert "will not match" in enter(owner, channel, keys="/(?=a)b/").content.decode()
