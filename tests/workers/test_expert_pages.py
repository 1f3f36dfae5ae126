"""A card's texts and lorebook by hand: everything else of the card stays, and the rules of import hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.models import Channel, User
from channels_app.signals import text_offered
from personas.actions import discard_version, keep_draft, publish_kept, save_persona
from personas.cards import limits
from personas.cards.card import card_of
from personas.cards.entries import entry_rows
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


def lore_path(channel: Channel, entry: str, draft: str = "") -> str:
    return f"{reverse('persona_lore', args=[channel.public_id])}?shelf=card&entry={entry}{draft}"


def filled(client: Client, path: str) -> dict[str, Any]:
    """What a browser sends from this page when nothing is changed."""
    form = client.get(path).context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: "on" if value is True else value for name, value in values.items() if value not in (None, False)}


def enter(client: Client, channel: Channel, entry: str = "new", draft: str = "", **changes: str) -> Any:
    path = lore_path(channel, entry, draft)
    return client.post(path, filled(client, path) | ENTRY | changes, follow=True)


def with_entries(channel: Channel, alice: User, *entries: Any) -> PersonaVersion:
    """A live version with a card whose lorebook holds these."""
    book = {"extensions": {}, "entries": list(entries)}
    return save_persona(
        channel, acting_user=alice, values={"card": V3 | {"data": V3["data"] | {"character_book": book}}}
    )


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


ODD = {"keys": 5, "secondary_keys": "cage", "selective": True, "content": ["no text"], "position": ["a"],
       "insertion_order": 1e300, "comment": 7, "extensions": []}  # fmt: skip


def test_entries_that_hold_anything_are_shown_and_compared(owner: Client, channel: Channel, alice: User) -> None:
    before = with_entries(channel, alice, ODD, {"keys": "parrot", "content": "Bolt."})
    after = with_entries(channel, alice, ODD | {"keys": {"a": 1}, "secondary_keys": 3}, {"content": None})
    assert owner.get(reverse("persona_lore", args=[channel.public_id])).status_code == 200
    assert owner.get(lore_path(channel, "0")).status_code == 200
    assert owner.get(reverse("persona_report", args=[channel.public_id])).status_code == 200
    versions = reverse("persona_versions", args=[channel.public_id])
    assert owner.get(versions, {"a": before.number, "b": after.number}).status_code == 200


def test_an_odd_entry_is_edited_without_loss(owner: Client, channel: Channel, alice: User) -> None:
    odd = {"id": 3, "keys": ["a, b", "x" * 5_000], "content": "Bolt\r\nis.", "insertion_order": 10.5, "name": "N" * 200,
           "extensions": {"position": 0}}  # fmt: skip
    with_entries(channel, alice, odd)
    path = lore_path(channel, "0")
    answer = owner.post(path, filled(owner, path) | {"constant": "on", "do": "draft"}, follow=True)
    assert answer.status_code == 200
    assert entry_rows(card_of(newest(channel).card).book) == [odd | {"constant": True}]


def test_a_card_with_odd_texts_is_edited_without_loss(owner: Client, channel: Channel, alice: User) -> None:
    odd = {
        "personality": "p" * 13_000,
        "nickname": " Mi ",
        "alternate_greetings": ["One\n---\n", " "],
        "mes_example": 5,
    }
    card = V3 | {"data": V3["data"] | odd}
    save_persona(channel, acting_user=alice, values={"card": card})
    assert write(owner, channel, scenario="A tower by the sea.").status_code == 200
    assert newest(channel).card["data"] == card["data"] | {"scenario": "A tower by the sea."}


def test_a_lorebook_takes_no_more_entries_than_a_file_may_hold(
    owner: Client, channel: Channel, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 1)
    with_entries(channel, alice, {"keys": ["a"], "content": "b"})
    answer = enter(owner, channel)
    assert (answer.status_code, "more than" in answer.content.decode()) == (400, True)
    assert owner.get(reverse("persona", args=[channel.public_id])).status_code == 200


@pytest.mark.parametrize("room", ["persona_expert", "persona_lore"])
@pytest.mark.parametrize("how", ["published", "discarded"])
def test_a_draft_that_vanished_changes_nothing_and_no_word_is_lost(
    owner: Client, channel: Channel, alice: User, room: str, how: str
) -> None:
    draft = keep_draft(channel, acting_user=alice, values={"style": "Whispers."})
    path = f"{reverse(room, args=[channel.public_id])}?draft={draft.number}&entry=new"
    sent = filled(owner, path) | ENTRY | {"scenario": "Bolt is a parrot.", "do": "publish"}
    if how == "published":
        publish_kept(channel, acting_user=alice, number=draft.number)
    else:
        discard_version(channel, acting_user=alice, number=draft.number)
    versions = channel.persona_versions.count()
    answer = owner.post(path, sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    for told in (f"Draft {draft.number} is not there any more", "Nothing was written", "Bolt is a parrot."):
        assert told in page
    assert channel.persona_versions.count() == versions
    again = {**sent, "shown": answer.context["form"]["shown"].initial, "do": "draft"}
    assert owner.post(path, again, follow=True).status_code == 200
    assert "Bolt is a parrot." in str(newest(channel).card)


def test_an_entry_is_found_where_it_stands_now_and_never_another(owner: Client, channel: Channel, alice: User) -> None:
    first, second = ({"keys": [word], "content": f"About {word}."} for word in ("owls", "larks"))
    with_entries(channel, alice, first, second)
    path = lore_path(channel, "1")
    sent = filled(owner, path) | {"content": "Larks rise early.", "do": "draft"}
    with_entries(channel, alice, second)
    assert owner.post(path, sent, follow=True).status_code == 200
    assert entry_rows(card_of(newest(channel).card).book) == [second | {"content": "Larks rise early."}]
    with_entries(channel, alice, first)
    for press in ({}, {"remove": "1"}):
        answer = owner.post(path, sent | press)
        assert (answer.status_code, "changed or removed meanwhile" in answer.content.decode()) == (409, True)
        assert "Larks rise early." in answer.content.decode()
        assert "entry=new" in answer.content.decode()


def test_expert_texts_that_somebody_else_changed_meanwhile_are_not_written_over(
    owner: Client, channel: Channel, alice: User
) -> None:
    save_persona(channel, acting_user=alice, values={"card": V3})
    path = reverse("persona_expert", args=[channel.public_id])
    sent = filled(owner, path) | {"scenario": "A tower by the sea.", "do": "draft"}
    save_persona(channel, acting_user=alice, values={"card": V3 | {"data": V3["data"] | {"personality": "Shy."}}})
    answer = owner.post(path, sent)
    assert (answer.status_code, "Somebody has changed this" in answer.content.decode()) == (409, True)
    assert "A tower by the sea." in answer.content.decode()
    assert newest(channel).card["data"]["personality"] == "Shy."


@contextmanager
def meanwhile(save: Callable[[], object]) -> Iterator[None]:
    """Somebody saves between the look of a page and its write: while the rules judge what it was sent."""
    waiting = [save]

    def judged(**_kwargs: Any) -> None:
        if waiting:
            waiting.pop()()

    text_offered.connect(judged)
    try:
        yield
    finally:
        text_offered.disconnect(judged)
    assert not waiting


def saying(personality: str, *entries: Any) -> dict[str, Any]:
    """Values with a card of these."""
    book = {"extensions": {}, "entries": list(entries)}
    return {"card": V3 | {"data": V3["data"] | {"personality": personality, "character_book": book}}}


@pytest.mark.parametrize("do", ["draft", "publish"])
def test_who_saves_at_the_same_time_undoes_nothing_unseen(
    owner: Client, channel: Channel, alice: User, do: str
) -> None:
    draft = keep_draft(channel, acting_user=alice, values=saying("Bold."))
    path = f"{reverse('persona_expert', args=[channel.public_id])}?draft={draft.number}"
    sent = filled(owner, path) | {"scenario": "A tower by the sea.", "do": do}
    with meanwhile(lambda: keep_draft(channel, acting_user=alice, values=saying("Shy."), number=draft.number)):
        answer = owner.post(path, sent)
    assert (answer.status_code, "Somebody has changed this" in answer.content.decode()) == (409, True)
    assert "A tower by the sea." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.card["data"]["personality"] == "Shy."
    again = sent | {"shown": answer.context["form"]["shown"].initial, "do": "draft"}
    assert owner.post(path, again, follow=True).status_code == 200


def test_entries_and_texts_saved_at_the_same_time_are_all_kept(owner: Client, channel: Channel, alice: User) -> None:
    owls, larks = ({"keys": [word], "content": f"About {word}."} for word in ("owls", "larks"))
    draft = keep_draft(channel, acting_user=alice, values=saying("Bold.", owls))
    path = lore_path(channel, "new", f"&draft={draft.number}")
    sent = filled(owner, path) | ENTRY
    more = saying("Shy.", owls, larks)
    with meanwhile(lambda: keep_draft(channel, acting_user=alice, values=more, number=draft.number)):
        assert owner.post(path, sent, follow=True).status_code == 200
    draft.refresh_from_db()
    kept = [entry["content"] for entry in entry_rows(card_of(draft.card).book)]
    assert kept == ["About owls.", "About larks.", "Bolt is a parrot."]
    assert draft.card["data"]["personality"] == "Shy."


@pytest.mark.parametrize("do", ["draft", "publish"])
def test_what_went_live_meanwhile_is_not_undone(owner: Client, channel: Channel, alice: User, do: str) -> None:
    save_persona(channel, acting_user=alice, values=saying("Bold."))
    path = reverse("persona_expert", args=[channel.public_id])
    sent = filled(owner, path) | {"scenario": "A tower by the sea.", "do": do}
    with meanwhile(lambda: save_persona(channel, acting_user=alice, values=saying("Shy."))):
        assert owner.post(path, sent).status_code == 409
    assert newest(channel).card == saying("Shy.")["card"]


def test_a_draft_that_goes_live_while_it_is_saved_is_told_of(owner: Client, channel: Channel, alice: User) -> None:
    draft = keep_draft(channel, acting_user=alice, values=saying("Bold."))
    path = f"{reverse('persona_expert', args=[channel.public_id])}?draft={draft.number}"
    sent = filled(owner, path) | {"scenario": "A tower by the sea.", "do": "draft"}
    with meanwhile(lambda: publish_kept(channel, acting_user=alice, number=draft.number)):
        answer = owner.post(path, sent)
    assert answer.status_code == 409
    assert f"Draft {draft.number} is not there any more" in answer.content.decode()
