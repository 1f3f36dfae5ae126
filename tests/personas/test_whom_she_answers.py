"""Whom she answers, from what a broadcaster chooses on the page to what the run goes by."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from personas.actions import create_default_persona, save_persona
from personas.forms import MODE_NOTES, PAID_EVENTS, PersonaForm
from personas.models import MODES, PersonaVersion
from personas.snapshot import snapshot
from tests import factories
from workers.pipeline.mode import Mode
from workers.pipeline.modes import POLICIES
from workers.pipeline.values import PAID_KINDS, EventKind, Triggers
from workers.records import persona_from

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> PersonaVersion:
    persona = factories.persona(factories.channel())
    assert persona.published is not None
    return persona.published


def form_of(version: PersonaVersion, **changed: Any) -> PersonaForm:
    """The form as the page sends it, with these fields changed; None for a box that is not ticked."""
    unchanged = PersonaForm(version=version)
    values = {name: unchanged[name].value() for name in unchanged.fields} | changed
    sent = {name: value for name, value in values.items() if value is not None and value is not False}
    return PersonaForm(sent, version=version)


def triggers_of(version: PersonaVersion) -> Triggers:
    values = snapshot(version.channel)
    assert values is not None
    return persona_from(values).triggers


def test_page_and_run_know_the_same_modes() -> None:
    assert [name for name, _label in MODES] == list(MODE_NOTES) == [mode.value for mode in Mode]
    # Tips go by the switch of cheers.
    assert {kind.value for kind in PAID_KINDS - {EventKind.TIP}} == PAID_EVENTS


def test_the_page_says_of_each_mode_what_it_does() -> None:
    assert f"every {round(1 / POLICIES[Mode.CHATTY].chance)}" in str(MODE_NOTES["chatty"]).replace("fourth", "4")
    assert str(POLICIES[Mode.SHY].replies_per_minute) in str(MODE_NOTES["shy"]).replace("Three", "3")


@pytest.mark.parametrize("mode", Mode)
def test_a_chosen_mode_reaches_the_run(version: PersonaVersion, mode: Mode) -> None:
    form = form_of(version, mode=mode.value)
    assert form.is_valid(), form.errors
    save_persona(version.channel, acting_user=None, values=form.persona_values())
    assert triggers_of(version).mode is mode


def test_chosen_occasions_reach_the_run(version: PersonaVersion) -> None:
    for on in (True, False):
        form = form_of(version, misspelt=on, question=on, first_message=on)
        assert form.is_valid(), form.errors
        save_persona(version.channel, acting_user=None, values=form.persona_values())
        now = triggers_of(version)
        assert (now.misspelt, now.question, now.first_message) == (on, on, on)


def test_a_new_character_hears_her_name_misspelt_and_is_otherwise_as_before() -> None:
    channel = factories.channel()
    create_default_persona(channel, "en")
    version = channel.persona_versions.get()
    now = triggers_of(version)
    assert (now.mode, now.misspelt, now.question, now.first_message) == (Mode.NORMAL, True, False, False)


def test_a_character_from_before_there_were_modes_stays_as_she_was(version: PersonaVersion) -> None:
    """The row as a release wrote it that knew none of these columns."""
    new = ("mode", "misspelt", "question", "first_message")
    kept = [field.column for field in PersonaVersion._meta.concrete_fields if field.name not in {*new, "id", "number"}]
    names = ", ".join(f'"{column}"' for column in kept)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO personas_personaversion ("number", {names}) '
            f"SELECT 99, {names} FROM personas_personaversion WHERE id = %s",
            [version.pk],
        )
    old = PersonaVersion.objects.get(number=99)
    assert (old.mode, old.misspelt, old.question, old.first_message) == ("normal", False, False, False)


def test_a_page_from_before_there_were_modes_keeps_the_one_that_is_chosen(version: PersonaVersion) -> None:
    save_persona(version.channel, acting_user=None, values={"mode": "shy"})
    chosen = version.channel.persona_versions.first()
    assert chosen is not None
    form = form_of(chosen, mode=None)
    assert form.is_valid(), form.errors
    assert form.persona_values()["mode"] == "shy"


NOTHING: dict[str, Any] = {"mention": False, "misspelt": False, "command": "", "events": []}


def test_who_would_never_answer_is_not_saved(version: PersonaVersion) -> None:
    assert "mention" in form_of(version, **NOTHING).errors
    assert "events" in form_of(version, mode="paid-only", events=["raid", "follow"]).errors
    assert "mention" in form_of(version, **NOTHING | {"mode": "shy", "question": True, "every_message": True}).errors
    assert "mention" in form_of(version, **NOTHING | {"mode": "subs-only", "events": ["raid", "follow"]}).errors
    assert "mode" in form_of(version, mode="loud").errors


@pytest.mark.parametrize(
    "one",
    [
        {"question": True},
        {"first_message": True},
        {"mode": "chatty"},
        {"mode": "paid-only", "events": ["sub"]},
        {"mode": "shy", "command": "!ai"},
        {"mode": "subs-only", "every_message": True},
    ],
)
def test_one_occasion_is_enough(version: PersonaVersion, one: dict[str, Any]) -> None:
    form = form_of(version, **NOTHING | one)
    assert form.is_valid(), form.errors


@pytest.mark.usefixtures("built_front_end")
def test_the_page_shows_the_modes_with_what_they_do(version: PersonaVersion) -> None:
    save_persona(version.channel, acting_user=None, values={"mode": "shy"})
    client = Client(REMOTE_ADDR="127.0.0.1", HTTP_HOST="127.0.0.1:8000")
    client.force_login(version.channel.broadcaster)
    page = client.get(f"/c/{version.channel.public_id}/persona/").content.decode()
    for name, _label in MODES:
        assert f'value="{name}"' in page
        assert str(MODE_NOTES[name]) in page
    assert re.findall(r'name="mode" value="([\w-]+)" id="\w+" checked', page) == ["shy"]
