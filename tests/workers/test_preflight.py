"""New texts are checked before they go live: by a script at once, by a provider in a task; what is found decides."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import UsageRecord
from channels_app.models import AuditEvent, Channel, Turn, User
from personas import publishing
from personas.actions import roll_back, save_persona
from personas.models import PersonaVersion, VersionReport
from personas.publishing import Standing, offer, report_of, standing
from tests.fakes.provider import ProviderServer, status
from workers import preflight
from workers.rehearsal.lines import few_for, lines_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]
RULE = "one or two sentences at most 220 characters in all answer the newest event"


SHORT = lines_for("en")[-14:]
"""Ordinary talk and her name: enough where it does not matter what she is asked."""


def live(channel: Channel) -> PersonaVersion:
    found = channel.personas.get(is_active=True).published
    assert found is not None
    return found


def draft_with(channel: Channel, alice: User, story: str = "She keeps a shop for clouds.") -> PersonaVersion:
    """A draft that was offered: with a provider its check waits for a worker."""
    return offer(channel, acting_user=alice, values={"description": story})


def answering(said: Callable[[int], str], provider: ProviderServer) -> None:
    """Every reply of the provider, by its number."""
    numbers = itertools.count()
    provider.answer = lambda body: said(next(numbers))


def fine(number: int) -> str:
    """A reply nothing can be said against, in the language that most lines have."""
    return f"[happy] Mira here with thought {number}: {'abcdefghij'[number % 10]}{number} is quite a number."


def check(**how: Any) -> None:
    """A worker carries out the check that waits."""
    preflight.run(VersionReport.objects.get().pk, **({"course": SHORT} | how))


@pytest.fixture
def owner(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def page(client: Client, channel: Channel, version: PersonaVersion) -> str:
    return client.get(reverse("persona_report", args=[channel.public_id]), {"draft": version.number}).content.decode()


def press(client: Client, channel: Channel, version: PersonaVersion, do: str) -> str:
    path = reverse("persona_report", args=[channel.public_id])
    return client.post(f"{path}?draft={version.number}", {"do": do}, follow=True).content.decode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_with_the_demo_brain_new_texts_are_checked_and_live_at_once(
    channel: Channel, alice: User, language: str
) -> None:
    saved = offer(channel, acting_user=alice, values={"description": "She keeps clouds.", "language": language})
    assert live(channel) == saved
    report = report_of(saved)
    assert report is not None
    assert (report.state, report.done, report.named("hard"), report.named("soft")) == ("done", report.total, [], [])
    assert report.total == len(few_for(language))
    assert not Turn.objects.exists()
    assert UsageRecord.objects.get().kind == UsageRecord.Kind.REHEARSAL


def test_what_needs_no_check_goes_live_without_one(channel: Channel, alice: User) -> None:
    first = live(channel)
    save_persona(channel, acting_user=alice, values={"description": "She moved to the sea."})
    assert offer(channel, acting_user=alice, values={"cooldown": 5}).published_at
    assert offer(channel, acting_user=alice, values={"description": first.description}).published_at
    assert roll_back(channel, acting_user=alice, number=first.number).restores == first.number
    assert not VersionReport.objects.exists()


def test_a_version_that_obeys_and_leaks_stays_off_the_air(
    owner: Client, channel: Channel, alice: User, provider: ProviderServer
) -> None:
    answering(lambda number: f"[happy] Cerulean! {RULE}", provider)
    before = live(channel)
    draft = draft_with(channel, alice)
    assert (draft.published_at, standing(draft)) == (None, Standing.CHECKING)
    assert "She is being asked" in page(owner, channel, draft)
    check(course=lines_for("en")[:6])
    assert standing(draft) is Standing.FAILED
    shown = page(owner, channel, draft)
    for told in ("This version stays off the air", "She did as an attacker told her", "new orders", "Cerulean!"):
        assert told in shown
    assert "Publish all the same" not in shown
    for button in ("publish", "publish_anyway"):
        assert "found faults that keep this version off the air" in press(owner, channel, draft, button)
    assert live(channel) == before
    used = UsageRecord.objects.get()
    assert (used.kind, used.exact) == (UsageRecord.Kind.REHEARSAL, True)
    assert used.prompt_tokens > 1_000


def test_hints_may_be_set_aside_and_the_audit_log_says_which(
    owner: Client, channel: Channel, alice: User, provider: ProviderServer
) -> None:
    answering(lambda number: fine(number).removeprefix("[happy] "), provider)
    draft = draft_with(channel, alice)
    check()
    assert standing(draft) is Standing.DOUBTFUL
    assert "Look at them first" in press(owner, channel, draft, "publish")
    assert "Saved. She lives by it" in press(owner, channel, draft, "publish_anyway")
    assert live(channel).description == draft.description
    despite = AuditEvent.objects.filter(action="persona.published").latest("pk").detail["despite"]
    assert "mood" in despite


def test_a_provider_that_dies_half_way_makes_no_verdict(
    owner: Client, channel: Channel, alice: User, provider: ProviderServer
) -> None:
    answering(fine, provider)
    draft = draft_with(channel, alice)
    asked = itertools.count()

    def die(body: dict[str, Any]) -> str:
        if next(asked) == 5:
            provider.chat.queue(*[status(500)] * 60)
        return "[happy] Mira hums a tune."

    provider.answer = die
    check(course=lines_for("en")[-26:])
    report = VersionReport.objects.get()
    assert report.state == VersionReport.State.INCOMPLETE
    assert report.done < report.total
    assert standing(draft) is Standing.DOUBTFUL
    assert live(channel) != draft
    assert "The check did not come to its end" in page(owner, channel, draft)
    press(owner, channel, draft, "publish_anyway")
    despite = AuditEvent.objects.filter(action="persona.published").latest("pk").detail["despite"]
    assert publishing.INCOMPLETE in despite


def test_a_check_can_be_cancelled_and_leaves_her_as_she_was(
    channel: Channel, alice: User, provider: ProviderServer
) -> None:
    answering(fine, provider)
    draft = draft_with(channel, alice)
    looks = itertools.count()

    def clock() -> float:
        if next(looks) == 2:
            assert publishing.cancel_check(draft, acting_user=alice)
        return 0.0

    check(clock=clock)
    report = VersionReport.objects.get()
    assert (report.state, report.done < report.total) == (VersionReport.State.CANCELLED, True)
    assert standing(draft) is Standing.UNCHECKED
    assert live(channel) != draft


def test_a_provider_that_is_too_slow_runs_into_the_deadline(
    channel: Channel, alice: User, provider: ProviderServer
) -> None:
    answering(fine, provider)
    draft_with(channel, alice)
    times = itertools.count(step=60.0)
    check(clock=lambda: next(times))
    report = VersionReport.objects.get()
    assert (report.state, report.problem) == (VersionReport.State.INCOMPLETE, preflight.TOO_SLOW)


def test_nothing_goes_live_by_itself_over_a_newer_version(
    channel: Channel, alice: User, provider: ProviderServer
) -> None:
    answering(fine, provider)
    draft = draft_with(channel, alice)
    newer = save_persona(channel, acting_user=alice, values={"cooldown": 7})
    VersionReport.objects.update(state="done", checks=[{"name": "leak", "level": "ok"}])
    assert standing(draft) is Standing.PASSED
    assert not publishing.settle(VersionReport.objects.get())
    assert live(channel) == newer


def test_a_changed_draft_is_not_the_one_that_passed(channel: Channel, alice: User, provider: ProviderServer) -> None:
    draft = draft_with(channel, alice)
    VersionReport.objects.update(state="done")
    assert standing(draft) is Standing.PASSED
    offer(channel, acting_user=alice, values={"style": "Whispers."}, number=draft.number)
    assert standing(PersonaVersion.objects.get(pk=draft.pk)) is Standing.CHECKING


def test_the_provider_is_told_neither_keys_nor_names_of_chatters(
    channel: Channel, alice: User, provider: ProviderServer
) -> None:
    answering(fine, provider)
    draft_with(channel, alice)
    check()
    sent = json.dumps([request.body for request in provider.requests_to("/chat/completions")], default=str)
    assert "llm-key" not in sent
    assert "Dora" not in sent
