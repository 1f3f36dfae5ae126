"""From a check to what is live: who asked meanwhile, what changed meanwhile, and how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection, connections, transaction
from django.db.models.signals import pre_save
from django.test import Client
from pytest_django.fixtures import Settings

from channels_app.actions import Refused
from channels_app.models import Channel, User
from personas import publishing
from personas.actions import keep_draft, save_persona, write_draft
from personas.card_actions import draft_card, publish_draft
from personas.cards.carriers import Brought
from personas.models import CardDraft, PersonaVersion, VersionReport
from personas.publishing import Standing, offer, standing
from personas.signals import check_wanted
from tests.fakes.provider import ProviderServer
from tests.personas.cards.samples import V3
from tests.waiting import until
from tests.workers.check_room import SHORT, answering, check, draft_with, fine, live, page, press

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]


class WatchedCache(LocMemCache):
    """Keeps whether a transaction was open at each count."""

    locked: ClassVar[list[bool]] = []

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__("watched", params)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        self.locked.append(connection.in_atomic_block)
        return super().incr(key, delta, version)


@pytest.fixture
def owner(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


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


def test_publishing_while_a_check_alone_is_made_publishes_when_it_passes(
    owner: Client, channel: Channel, alice: User, provider: ProviderServer
) -> None:
    course = [line for line in SHORT if line.language == "en"]
    answering(lambda number: f"[happy] Mira wonders: {course[number % len(course)].text}", provider)
    draft = keep_draft(channel, acting_user=alice, values={"description": "She keeps a shop for clouds."})
    press(owner, channel, draft, "check")
    press(owner, channel, draft, "offer")
    assert "She goes live by herself" in page(owner, channel, draft)
    check(course=course)
    assert live(channel) == draft


def test_publishing_just_as_the_check_ends_publishes(channel: Channel, alice: User, provider: ProviderServer) -> None:
    draft = keep_draft(channel, acting_user=alice, values={"description": "She keeps a shop for clouds."})
    publishing.begin_check(draft, acting_user=alice)

    def end(instance: VersionReport, **_kwargs: Any) -> None:
        """Its worker ends it, and dies before it looks whether the version goes live."""
        VersionReport.objects.filter(pk=instance.pk).update(state="done")

    pre_save.connect(end, sender=VersionReport)
    try:
        publishing.begin_check(draft, acting_user=alice, publishes=True)
    finally:
        pre_save.disconnect(end, sender=VersionReport)
    assert live(channel) == draft


def test_no_more_checks_than_a_channel_may_have_in_an_hour(
    owner: Client, channel: Channel, alice: User, provider: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "CHECKS_AN_HOUR", 1)
    draft_with(channel, alice)
    draft = draft_with(channel, alice, "She moved to the sea.")
    assert standing(draft) is Standing.UNCHECKED
    assert "She was checked 1 times within an hour" in press(owner, channel, draft, "check")
    assert "She was checked 1 times within an hour" in press(owner, channel, draft, "offer")
    assert "Not checked yet" in page(owner, channel, draft)


def test_checks_that_cost_nothing_are_not_counted(
    channel: Channel, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "CHECKS_AN_HOUR", 0)
    assert draft_with(channel, alice) == live(channel)


def test_a_redis_that_is_away_keeps_nobody_from_publishing(
    channel: Channel, alice: User, provider: ProviderServer, settings: Settings
) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    assert standing(draft_with(channel, alice)) is Standing.CHECKING


@pytest.mark.django_db(transaction=True)
def test_redis_is_asked_in_no_transaction(
    channel: Channel, alice: User, provider: ProviderServer, settings: Settings
) -> None:
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.WatchedCache"}}
    WatchedCache.locked.clear()
    draft_with(channel, alice)
    assert WatchedCache.locked == [False]


@pytest.mark.django_db(transaction=True)
def test_models_are_asked_in_no_transaction(channel: Channel, alice: User) -> None:
    seen = []

    def look(**_kwargs: Any) -> None:
        seen.append(connection.in_atomic_block)

    check_wanted.connect(look)
    try:
        draft_card(channel, acting_user=alice, brought=Brought("json", V3))
        card = CardDraft.objects.get()
        publish_draft(channel, acting_user=alice, brought_at=card.created_at.isoformat())
    finally:
        check_wanted.disconnect(look)
    assert seen == [False]
    assert not CardDraft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_published_is_what_was_looked_at(
    channel: Channel, alice: User, provider: ProviderServer, backend: str
) -> None:
    draft = draft_with(channel, alice)
    VersionReport.objects.update(state="done")

    def publish() -> PersonaVersion:
        try:
            return publishing.publish_checked(channel, acting_user=alice, number=draft.number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            write_draft(channel, acting_user=alice, values={"style": "Shouts."}, number=draft.number)
            publication = pool.submit(publish)
            # SQLite lets one writer in at a time, and does not tell who waits.
            until(publication.running if backend == "sqlite" else somebody_waits)
        with pytest.raises(Refused):
            publication.result()
    assert live(channel).number != draft.number


def somebody_waits() -> bool:
    """For a lock of this database."""
    with connection.cursor() as cursor:
        # What the server tells of its sessions stays as it was first seen in a transaction.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return cursor.fetchone() is not None
