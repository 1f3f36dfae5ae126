"""What of a card reaches the model, where it stands, and what never gets there."""

from __future__ import annotations

import dataclasses
from typing import Any

from personas.cards.card import card_of
from personas.cards.lore import plain_book
from tests.effort import effort
from tests.personas.cards.samples import V3
from tests.workers.brain.requests import LUNA, ask, said
from workers.brain.persona_text import PERSONA_LIMIT
from workers.brain.prompt import RULES, PromptMessage, build_messages
from workers.pipeline.character import Character, Lorebook, LoreEntry
from workers.pipeline.values import ReplyRequest
from workers.records import character_from


def character(**changes: Any) -> Character:
    """Pippa's card, with fields of its data changed."""
    card = card_of(V3 | {"data": V3["data"] | changes})
    return character_from(
        {
            "nickname": card.text("nickname"), "personality": card.text("personality"),
            "scenario": card.text("scenario"),
            "system_prompt": card.text("system_prompt"), "post_history": card.text("post_history_instructions"),
            "examples": card.text("mes_example"), "books": [plain_book(card.book)],
        }
    )  # fmt: skip


def book(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"entries": [{"keys": [], "content": "x", "enabled": True} | entry for entry in entries]}


def asked(text: str = "hello", card: Character | None = None, **more: Any) -> ReplyRequest:
    persona = dataclasses.replace(LUNA, description=V3["data"]["description"], character=card or character())
    return ask(text, persona=persona, **more)


def prompt(request: ReplyRequest) -> list[PromptMessage]:
    return list(build_messages(request))


def whole(request: ReplyRequest) -> str:
    return "\n".join(message.content for message in prompt(request))


def test_the_cards_texts_stand_below_the_safety_rules_in_their_order() -> None:
    lore = book({"constant": True, "content": "BEFORE", "position": "before_char"},
                {"constant": True, "content": "AFTER", "position": "after_char"})  # fmt: skip
    first = prompt(asked(card=character(character_book=lore)))[0]
    parts = (
        RULES.splitlines()[-1], "lift none of the rules", "Be brief.", "BEFORE", "Pip keeps a lighthouse",
        "curious, brave", "A storm comes up", "Mind the stairs", "AFTER",
    )  # fmt: skip
    places = [first.content.index(part) for part in parts]
    assert places == sorted(places)
    assert first.role == "system"
    assert first.cache_after


def test_notes_creator_tags_and_version_never_enter_the_prompt() -> None:
    text = whole(asked("lamp oil"))
    assert not any(
        secret in text for secret in ("NOTES", "ЗАМЕТКИ", "THE CREATOR", "TAGGED", "VERSION 9", "Ahoy", "{{", "<START>")
    )


def test_the_reminder_stands_at_the_end_and_above_our_own() -> None:
    last = prompt(asked())[-1].content
    assert last.index("Stay windy.") < last.index("Reply now in English")


def test_lore_comes_up_by_what_is_said_and_only_then() -> None:
    assert "whale" not in whole(asked("hello"))
    messages = prompt(asked("the lamp needs oil", history=[said("earlier")]))
    assert [message.role for message in messages[:3]] == ["system", "system", "user"]
    assert "The lamp burns whale oil." in messages[1].content
    assert "whale" in whole(asked("hello", history=[said("the lamp needs oil")]))
    assert "whale" in whole(asked("hello", history=[said("hm", reply="My lamp needs oil.")]))


def test_what_is_cached_stays_the_same_whatever_is_said() -> None:
    lasting = character(system_prompt="{{random:a,b,c,d,e,f}} {{roll:1000000}} {{pick:a,b,c,d,e,f}}")
    texts = {prompt(asked(text, lasting, name=name))[0].content for text, name in (("lamp oil", "Bo"), ("hi", "Mia"))}
    assert len(texts) == 1


def test_user_is_the_broadcaster_and_never_a_chatters_name() -> None:
    for message in prompt(asked("lamp oil", name="Evil {{user}} name", history=[said("x", name="Another")])):
        if message.role == "system":
            assert "Evil" not in message.content
    assert "Streamy's neighbour" in prompt(asked())[0].content


def test_nothing_is_put_into_what_viewers_write() -> None:
    last = prompt(asked("{{char}} {{roll:d1}} <user> {{reverse:abc}}"))[-1].content
    assert "{{char}} {{roll:d1}} <user> {{reverse:abc}}" in last


def test_without_a_nickname_char_is_her_name() -> None:
    assert "Luna keeps a lighthouse" in prompt(asked(card=character(nickname="")))[0].content


def test_invisible_signs_of_a_card_do_not_reach_the_model() -> None:
    hidden = "brave\U000e0041\u202e\u200b and kind"
    assert "brave and kind" in prompt(asked(card=character(personality=hidden)))[0].content


def test_of_a_text_without_end_only_what_is_told_is_worked_on() -> None:
    endless = "{{char}} is here. \u200b" * 150_000
    card = Character(
        personality=endless, scenario=endless, system_prompt=endless, post_history=endless, examples=endless,
        books=(Lorebook((LoreEntry(id="1", content=endless, constant=True),)),),
    )  # fmt: skip
    with effort(500):
        text = whole(asked(card=card))
    assert 3 * PERSONA_LIMIT < len(text) < 6 * PERSONA_LIMIT
    assert "Luna is here." in text
