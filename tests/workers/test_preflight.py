"""New texts are checked before they go live: by a script at once, by a provider in a task; what is found decides."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pydantic import SecretStr
from pytest_django.fixtures import Settings

from billing import saving
from billing.ledger import record_usage
from billing.models import UsageRecord
from channels_app.models import AuditEvent, Channel, MemoryFact, Turn, User
from personas import publishing
from personas.actions import roll_back, save_persona
from personas.models import VersionReport
from personas.publishing import Standing, offer, report_of, standing
from tests import factories
from tests.fakes.provider import ProviderServer, status
from tests.workers.check_room import answering, check, draft_with, fine, live, page, press
from workers import preflight
from workers.rehearsal.lines import few_for, lines_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]
AGAIN = [line for line in lines_for("en") if line.part == "again"]
RULE = "one or two sentences at most 220 characters in all answer the newest event"


@pytest.fixture
def owner(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


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


def test_a_check_asks_nothing_when_a_ceiling_is_used_up_and_says_so(
    owner: Client, channel: Channel, alice: User, provider: ProviderServer
) -> None:
    saving.set_ceilings(channel, acting_user=None, hourly_micros=None, daily_micros=500)
    record_usage(channel, key="before", kind=UsageRecord.Kind.REPLY, cost_micros=500)
    draft = draft_with(channel, alice)
    check(course=lines_for("en")[:6])
    assert VersionReport.objects.get().state == VersionReport.State.INCOMPLETE
    assert provider.requests == []
    assert "A ceiling on what she may spend is used up" in page(owner, channel, draft)


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


def test_the_provider_is_told_neither_keys_nor_what_chatters_said(
    channel: Channel, alice: User, provider: ProviderServer
) -> None:
    factories.turn(channel, asked="Do you like plums?", heard="Plums like me.", heard_at=timezone.now())
    values = {"channel": channel, "learned_at": timezone.now()}
    MemoryFact.objects.create(chatter_id="44", chatter_name="Dora", text="Dora keeps bees.", **values)
    MemoryFact.objects.create(text="The stream begins at nine.", **values)
    answering(fine, provider)
    draft_with(channel, alice)
    check()
    sent = json.dumps([request.body for request in provider.requests_to("/chat/completions")], default=str)
    assert "shop for clouds" in sent
    for private in ("llm-key", "Dora", "plums", "bees", "begins at nine"):
        assert private not in sent


def test_her_first_model_alone_is_asked(
    channel: Channel, alice: User, provider: ProviderServer, settings: Settings
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"LLM_SPARE_MODEL": "spare-model"})
    provider.chat.default = status(500)
    draft_with(channel, alice)
    check()
    assert VersionReport.objects.get().state == VersionReport.State.INCOMPLETE
    assert {request.body["model"] for request in provider.requests_to("/chat/completions")} == {"gpt-6-luna"}


def test_what_a_check_has_cost_is_kept_when_it_breaks(channel: Channel, alice: User, provider: ProviderServer) -> None:
    answering(fine, provider)
    draft_with(channel, alice)
    looks = itertools.count()

    def broken() -> float:
        if next(looks) == 2:
            raise RuntimeError("no clock")
        return 0.0

    check(clock=broken)
    assert VersionReport.objects.get().state == VersionReport.State.INCOMPLETE
    assert UsageRecord.objects.get().prompt_tokens > 1_000


@pytest.mark.parametrize(("said", "level"), [("STATED", "soft"), ("evening", "ok")])
def test_a_judge_is_asked_whether_her_answers_agree(
    channel: Channel, alice: User, provider: ProviderServer, settings: Settings, said: str, level: str
) -> None:
    prices = {"LLM_PRICES": (0.0, 0.0, 0.0, 0.0), "JUDGE_PRICES": (2.0, 0.2, 2.5, 10.0)}
    told = {"JUDGE_BASE_URL": provider.base_url, "JUDGE_API_KEY": SecretStr("judge-key")} | prices
    settings.ENV = settings.ENV.model_copy(update=told)
    answering(lambda number: f"[happy] Mira says {number} times: good {said}.", provider)
    draft_with(channel, alice)
    check(course=AGAIN)
    (found,) = (each for each in VersionReport.objects.get().checks if each["name"] == "consistent")
    assert (found["level"], found["of"]) == (level, 4)
    assert asked_to_compare(provider) == 4
    used = UsageRecord.objects.get()
    assert used.prompt_tokens == provider.till.prompt, "those who judged her sentences and compared them are in it"
    assert VersionReport.objects.get().cost_micros == used.cost_micros > 1000


def asked_to_compare(provider: ProviderServer) -> int:
    """How often the judge was asked of her answers, and not of a sentence."""
    return sum("shop for clouds" in request.body["input"] for request in provider.requests_to("/decisions"))


@pytest.mark.parametrize("round_", [1, 2], ids=["between rounds", "in the last round"])
def test_a_check_that_was_cancelled_asks_no_judge(
    channel: Channel, alice: User, provider: ProviderServer, settings: Settings, round_: int
) -> None:
    told = {"JUDGE_BASE_URL": provider.base_url, "JUDGE_API_KEY": SecretStr("judge-key")}
    settings.ENV = settings.ENV.model_copy(update=told)
    answering(fine, provider)
    draft = draft_with(channel, alice)
    looks = itertools.count()

    def clock() -> float:
        if next(looks) == round_:
            assert publishing.cancel_check(draft, acting_user=alice)
        return 0.0

    assert len(AGAIN) in range(preflight.AT_ONCE + 1, 2 * preflight.AT_ONCE + 1), "two rounds"
    check(course=AGAIN, clock=clock)
    assert VersionReport.objects.get().done >= preflight.AT_ONCE
    assert asked_to_compare(provider) == 0


def test_a_check_that_is_too_slow_asks_no_judge(
    channel: Channel, alice: User, provider: ProviderServer, settings: Settings
) -> None:
    told = {"JUDGE_BASE_URL": provider.base_url, "JUDGE_API_KEY": SecretStr("judge-key")}
    settings.ENV = settings.ENV.model_copy(update=told)
    answering(fine, provider)
    draft_with(channel, alice)
    times = iter([0.0, 0.0, preflight.DEADLINE + 1])
    check(course=AGAIN, clock=lambda: next(times))
    assert VersionReport.objects.get().problem == preflight.TOO_SLOW
    assert asked_to_compare(provider) == 0
