"""What of a card a run is told, and what an export still has."""

from __future__ import annotations

from personas.cards.card import card_of
from personas.character import NICKNAME_LENGTH, REMINDER_LENGTH, TEXT_LENGTH, character, exported, values_of
from personas.models import PersonaVersion
from tests.personas.cards.samples import V3

CUT = {
    "nickname": NICKNAME_LENGTH, "personality": TEXT_LENGTH, "scenario": TEXT_LENGTH, "system_prompt": TEXT_LENGTH,
    "post_history_instructions": REMINDER_LENGTH, "mes_example": TEXT_LENGTH,
}  # fmt: skip


def test_a_run_is_told_the_beginning_of_long_texts_and_an_export_has_all_of_them() -> None:
    long = {name: f" {name} " + "x" * 100_000 for name in CUT}
    document = V3 | {"data": V3["data"] | long}
    version = PersonaVersion(**values_of(card_of(document)))
    names = {"post_history_instructions": "post_history", "mes_example": "examples"}
    told = character(version)
    for name, length in CUT.items():
        assert told[names.get(name, name)] == long[name].strip()[:length]
    assert exported(version).document == document
