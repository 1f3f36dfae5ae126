"""Personas by API: drafts nobody loses words in, publishing through the check, going back, changing places."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from channels_app.models import AuditEvent, Channel, User
from personas import publishing
from personas.models import Persona, PersonaVersion
from tests import factories


@pytest.fixture
def owner(client: Client, channel: Channel) -> Client:
    client.force_login(channel.broadcaster)
    return client


def at(persona: Persona, rest: str = "") -> str:
    return f"/api/v1/c/{persona.channel.public_id}/personas/{persona.pk}/{rest}"


def send(client: Client, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.generic(method, path, json.dumps(body or {}), content_type="application/json", headers=headers)


def drafted(owner: Client, persona: Persona, **values: Any) -> tuple[int, str]:
    answer = send(owner, "POST", at(persona, "versions/"), values)
    assert answer.status_code == 201, answer.json()
    return answer.json()["number"], answer["ETag"]


def test_a_draft_is_what_is_live_but_for_what_was_sent(owner: Client, persona: Persona) -> None:
    number, _etag = drafted(
        owner,
        persona,
        nicknames=["Foxy", "Mi"],
        chance_percent=20,
        pronunciation=[{"word": "xQc", "say": "ex cue see"}],
    )
    draft = persona.versions.get(number=number)
    assert (draft.name, draft.nicknames, draft.chance) == ("Mira", ["foxy", "mi"], 0.2)
    assert draft.pronunciation == [{"word": "xQc", "say": "ex cue see", "language": ""}]
    assert draft.published_at is None
    listed = owner.get(at(persona)).json()
    assert (listed["live_version"], listed["drafts"], listed["on_stage"]) == (1, [number], True)


def test_what_the_page_refuses_is_refused_here(owner: Client, persona: Persona) -> None:
    answer = send(owner, "POST", at(persona, "versions/"), {"command": "two words"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["command"])
    nothing = {"mention": False, "command": "", "events": []}
    assert "mention" in send(owner, "POST", at(persona, "versions/"), nothing).json()["fields"]


def test_a_draft_changes_only_for_who_has_read_it(owner: Client, persona: Persona) -> None:
    number, etag = drafted(owner, persona, style="Short.")
    path = at(persona, f"versions/{number}/")
    assert send(owner, "PATCH", path, {"style": "Shorter."}).status_code == 428
    first = send(owner, "PATCH", path, {"style": "Shorter."}, **{"if-match": etag})
    assert (first.status_code, first.json()["values"]["style"]) == (200, "Shorter.")
    late = send(owner, "PATCH", path, {"style": "Long."}, **{"if-match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert owner.get(path)["ETag"] == first["ETag"]
    assert persona.versions.get(number=number).style == "Shorter."


def test_what_was_live_never_changes(owner: Client, persona: Persona) -> None:
    path = at(persona, "versions/1/")
    assert send(owner, "PATCH", path, {"style": "x"}, **{"if-match": "*"}).status_code == 409
    assert owner.delete(path).status_code == 409


def test_no_new_text_goes_live_unchecked(owner: Client, persona: Persona) -> None:
    number, _etag = drafted(owner, persona, description="A fox who sings.")
    path = at(persona, f"versions/{number}/")
    answer = send(owner, "POST", f"{path}publish/")
    assert answer.status_code in (200, 202)
    draft = PersonaVersion.objects.get(persona=persona, number=answer.json()["number"])
    report = publishing.report_of(draft)
    assert report is not None
    assert report.asked_by == persona.channel.broadcaster
    assert (answer.status_code == 200) == (draft.published_at is not None)


def test_what_needs_no_check_is_live_at_once_and_the_way_back_is_open(owner: Client, persona: Persona) -> None:
    number, _etag = drafted(owner, persona, cooldown=5)
    live = send(owner, "POST", at(persona, f"versions/{number}/publish/")).json()
    assert (live["state"], live["values"]["cooldown"]) == ("live", 5)
    back = send(owner, "POST", at(persona, "versions/1/restore/")).json()
    assert (back["state"], back["restores"], back["values"]["cooldown"]) == ("live", 1, 0)
    listed = owner.get(at(persona, "versions/")).json()["results"]
    assert [row["state"] for row in listed] == ["live", "past", "past"]


def test_a_draft_is_thrown_away(owner: Client, persona: Persona) -> None:
    number, _etag = drafted(owner, persona, cooldown=5)
    assert owner.delete(at(persona, f"versions/{number}/")).status_code == 204
    assert not persona.versions.filter(number=number).exists()


def test_another_persona_takes_the_stage_and_gives_it_back(owner: Client, persona: Persona, channel: Channel) -> None:
    copy = send(owner, "POST", f"/api/v1/c/{channel.public_id}/personas/").json()
    other = Persona.objects.get(pk=copy["id"])
    assert (copy["on_stage"], copy["name"]) == (False, "Mira")
    assert send(owner, "POST", at(other, "versions/"), {"name": "Rook"}).status_code == 409
    assert send(owner, "POST", at(other, "activate/")).json()["on_stage"] is True
    assert Persona.objects.get(channel=channel, is_active=True) == other
    assert AuditEvent.objects.filter(channel=channel, action="persona.on_stage").count() == 1
    send(owner, "POST", at(persona, "activate/"))
    listed = owner.get(f"/api/v1/c/{channel.public_id}/personas/").json()["results"]
    assert [row["on_stage"] for row in listed] == [True, False]
    assert listed[0]["id"] == persona.pk


def test_there_is_an_end_to_copies(owner: Client, persona: Persona, channel: Channel) -> None:
    for _ in range(9):
        Persona.objects.create(channel=channel, is_active=False)
    assert send(owner, "POST", f"/api/v1/c/{channel.public_id}/personas/").status_code == 409


def test_a_channel_without_a_persona_says_so(client: Client, alice: User) -> None:
    bare = factories.channel(alice)
    client.force_login(alice)
    assert client.get(f"/api/v1/c/{bare.public_id}/personas/").json() == {"results": []}
    assert send(client, "POST", f"/api/v1/c/{bare.public_id}/personas/").status_code == 409
