"""One refresher: tokens that work, refreshed once, and an honest end when Twitch no longer wants them."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from aigirl_site.celery import TWITCH_SCHEDULE
from channels_app.models import AuditEvent, Channel, TwitchCredential, User
from channels_app.twitch import tokens
from channels_app.twitch.helix import TwitchError
from channels_app.twitch.login import keep_credential
from channels_app.twitch.scopes import CHAT
from tests import factories
from tests.fakes.twitch import FakeTwitch
from tests.waiting import until
from workers import tasks


def broadcaster(twitch: FakeTwitch, *, life: timedelta = timedelta(hours=4), name: str = "Alice") -> User:
    """Somebody whose channel is open and whose token lives this long."""
    user = factories.user(name, twitch_id=twitch.account(name).id)
    factories.channel(user)
    access, refresh = twitch.grant(name, CHAT)
    now = timezone.now()
    TwitchCredential.objects.create(
        user=user, access_token=access, refresh_token=refresh, scopes=list(CHAT), expires_at=now + life,
        validated_at=now, refreshed_at=now,
    )  # fmt: skip
    return user


def refreshes(twitch: FakeTwitch) -> int:
    return sum(call.body.get("grant_type") == "refresh_token" for call in twitch.called("POST", "/oauth2/token"))


@pytest.mark.django_db
def test_a_token_with_life_in_it_is_handed_out_as_it_is(twitch: FakeTwitch) -> None:
    alice = broadcaster(twitch)
    assert tokens.access_token(alice) == tokens.access_token(alice.own_channels.get())
    assert twitch.calls == []


@pytest.mark.django_db
def test_an_expiring_token_is_refreshed_and_the_new_pair_kept(twitch: FakeTwitch) -> None:
    alice = broadcaster(twitch, life=timedelta(seconds=30))
    before = TwitchCredential.objects.get()
    token = tokens.access_token(alice)
    after = TwitchCredential.objects.get()
    assert token == after.access_token != before.access_token
    assert after.refresh_token in twitch.world.refresh_tokens
    assert after.expires_at > timezone.now() + timedelta(hours=3)
    assert tokens.access_token(alice) == token
    assert refreshes(twitch) == 1


@pytest.mark.django_db(transaction=True)
def test_many_who_need_a_token_at_once_cause_one_refresh(twitch: FakeTwitch) -> None:
    alice = broadcaster(twitch, life=timedelta(seconds=30))
    together = threading.Barrier(4)

    def ask() -> str:
        together.wait(5)
        try:
            return tokens.access_token(alice)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        got = {future.result() for future in [pool.submit(ask) for _ in range(4)]}
    assert got == {TwitchCredential.objects.get().access_token}
    assert refreshes(twitch) == 1


@contextlib.contextmanager
def refreshing(twitch: FakeTwitch, user: User) -> Iterator[Future[str]]:
    """A refresh that waits for Twitch's answer until the block ends."""

    def ask() -> str:
        try:
            return tokens.access_token(user)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, twitch.holding("/oauth2/token"):
        answer = pool.submit(ask)
        until(lambda: refreshes(twitch) == 1)
        yield answer


@pytest.mark.django_db(transaction=True)
def test_while_twitch_is_asked_the_database_is_free(twitch: FakeTwitch) -> None:
    alice = broadcaster(twitch, life=timedelta(seconds=30))
    with refreshing(twitch, alice) as answer:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 100" if connection.vendor == "sqlite" else "SET lock_timeout = 100")
        TwitchCredential.objects.update(problem="written meanwhile")
        assert not answer.done()
    assert answer.result() == TwitchCredential.objects.get().access_token


@pytest.mark.django_db(transaction=True)
def test_who_signs_in_during_a_refresh_keeps_the_newer_tokens(twitch: FakeTwitch) -> None:
    alice = broadcaster(twitch, life=timedelta(seconds=30))
    with refreshing(twitch, alice) as answer:
        keep_credential(alice, {"access_token": "newer", "refresh_token": "newer-refresh", "expires_in": 14400})
    assert answer.result() == "newer"
    row = TwitchCredential.objects.get()
    assert (row.access_token, row.refresh_token) == ("newer", "newer-refresh")


@pytest.mark.django_db
def test_a_refresher_that_died_holds_up_the_others_only_for_a_while(twitch: FakeTwitch) -> None:
    alice = broadcaster(twitch, life=timedelta(seconds=30))
    TwitchCredential.objects.update(refreshing_until=timezone.now() - timedelta(seconds=1))
    assert tokens.access_token(alice)
    assert refreshes(twitch) == 1
    assert TwitchCredential.objects.get().refreshing_until is None


@pytest.mark.django_db
def test_a_dead_refresh_token_ends_in_sign_in_again_and_is_never_retried(twitch: FakeTwitch) -> None:
    alice = broadcaster(twitch, life=timedelta(seconds=30))
    twitch.kill_refresh_tokens("Alice")
    for _ in range(3):
        with pytest.raises(TwitchError, match="Sign in with Twitch again") as caught:
            tokens.access_token(alice)
        assert not caught.value.retryable
    assert tokens.refresh_due_credentials() == 0
    assert refreshes(twitch) == 1
    assert TwitchCredential.objects.get().state == TwitchCredential.State.RECONNECT
    channel = Channel.objects.get()
    assert channel.reauthorise_since is not None
    assert AuditEvent.objects.filter(channel=channel, action="twitch.consent_needed").count() == 1


@pytest.mark.django_db
def test_somebody_without_a_credential_must_sign_in(twitch: FakeTwitch) -> None:
    with pytest.raises(TwitchError) as caught:
        tokens.access_token(factories.user())
    assert not caught.value.retryable


@pytest.mark.django_db
@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_trouble_at_twitch_is_no_reason_to_sign_in_again(twitch: FakeTwitch, status: int) -> None:
    alice = broadcaster(twitch, life=timedelta(seconds=30))
    twitch.fail_next("/oauth2/token", status)
    with pytest.raises(TwitchError):
        tokens.access_token(alice)
    assert TwitchCredential.objects.get().state == TwitchCredential.State.OK
    assert tokens.access_token(alice)


@pytest.mark.django_db
def test_the_periodic_run_refreshes_what_is_due_and_goes_on_after_a_failure(twitch: FakeTwitch) -> None:
    broadcaster(twitch, life=timedelta(minutes=70), name="Alice")
    broadcaster(twitch, life=timedelta(minutes=70), name="Bob")
    broadcaster(twitch, life=timedelta(minutes=80), name="Charlie")
    twitch.kill_refresh_tokens("Alice")
    assert tokens.refresh_due_credentials() == 1
    assert refreshes(twitch) == 2
    assert tokens.refresh_due_credentials() == 0
    assert refreshes(twitch) == 2


@pytest.mark.django_db
def test_every_token_is_validated_once_an_hour(twitch: FakeTwitch) -> None:
    broadcaster(twitch)
    assert tokens.validate_credentials() == 0
    TwitchCredential.objects.update(validated_at=timezone.now() - timedelta(minutes=61))
    assert tokens.validate_credentials() == 1
    assert tokens.validate_credentials() == 0
    assert len(twitch.called("GET", "/oauth2/validate")) == 1


def test_no_tick_waits_for_the_tokens() -> None:
    for name in ("refresh-credentials", "validate-credentials"):
        assert TWITCH_SCHEDULE[name]["options"]["queue"] == "live"


@pytest.mark.django_db
def test_a_slow_twitch_ends_a_run_and_the_next_goes_on_with_what_is_left(twitch: FakeTwitch) -> None:
    for minutes, name in ((70, "Alice"), (60, "Bob"), (65, "Charlie")):
        broadcaster(twitch, life=timedelta(minutes=minutes), name=name)
    TwitchCredential.objects.update(validated_at=timezone.now() - timedelta(minutes=61))
    TwitchCredential.objects.filter(user__display_name="Charlie").update(validated_at=None)
    assert tokens.validate_credentials(clock=slow()) == 1
    assert TwitchCredential.objects.get(user__display_name="Charlie").validated_at is not None
    assert tokens.validate_credentials() == 2
    TwitchCredential.objects.update(expires_at=timezone.now() + timedelta(minutes=70))
    TwitchCredential.objects.filter(user__display_name="Bob").update(expires_at=timezone.now())
    bob = TwitchCredential.objects.get(user__display_name="Bob").access_token
    assert tokens.refresh_due_credentials(clock=slow()) == 1
    assert TwitchCredential.objects.get(user__display_name="Bob").access_token != bob
    assert tokens.refresh_due_credentials() == 2


def slow() -> Callable[[], float]:
    """A clock by which a run has time for one token."""
    return itertools.count(step=tokens.LONGEST_PASS * 0.6).__next__


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("run", "path"),
    [(tokens.refresh_due_credentials, "/oauth2/token"), (tokens.validate_credentials, "/oauth2/validate")],
)
def test_a_twitch_that_is_slow_takes_one_thread_and_no_more(
    twitch: FakeTwitch, run: Callable[[], int], path: str
) -> None:
    for name in ("Alice", "Bob"):
        broadcaster(twitch, life=timedelta(minutes=70), name=name)
    TwitchCredential.objects.update(validated_at=None)

    def apart() -> int:
        try:
            return run()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with twitch.holding(path):
            first = pool.submit(apart)
            until(lambda: any(call.path == path for call in twitch.calls))
            assert run() == 0
            assert sum(call.path == path for call in twitch.calls) == 1
        assert first.result() == 2


def test_the_clock_comes_often_enough_for_every_hour() -> None:
    entry = TWITCH_SCHEDULE["validate-credentials"]
    assert entry["task"] == tasks.validate_credentials.name
    assert timedelta(seconds=entry["schedule"]) + tokens.VALIDATE_EVERY <= timedelta(hours=1)


@pytest.mark.django_db
def test_a_token_twitch_ended_early_is_replaced_when_it_is_validated(twitch: FakeTwitch) -> None:
    broadcaster(twitch)
    old = TwitchCredential.objects.get().access_token
    twitch.expire_tokens("Alice")
    TwitchCredential.objects.update(validated_at=None)
    assert tokens.validate_credentials() == 1
    assert TwitchCredential.objects.get().access_token != old
    assert refreshes(twitch) == 1


@pytest.mark.django_db(transaction=True)
def test_a_disconnected_person_is_signed_out_everywhere(twitch: FakeTwitch, client: Client) -> None:
    alice = broadcaster(twitch)
    bystander, browser = factories.user("Bob"), Client()
    backend = "django.contrib.auth.backends.ModelBackend"
    client.force_login(alice, backend=backend)
    browser.force_login(bystander, backend=backend)
    twitch.revoke("Alice")
    TwitchCredential.objects.update(validated_at=None)
    assert tokens.validate_credentials() == 0
    assert TwitchCredential.objects.get().state == TwitchCredential.State.RECONNECT
    assert "_auth_user_id" not in client.session
    assert "_auth_user_id" in browser.session


@pytest.mark.django_db
def test_a_wrong_secret_of_ours_signs_nobody_out(twitch: FakeTwitch, client: Client) -> None:
    alice = broadcaster(twitch)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    TwitchCredential.objects.update(validated_at=None)
    twitch.fail_next("/oauth2/validate", 401)
    twitch.fail_next("/oauth2/token", 403)
    assert tokens.validate_credentials() == 0
    assert TwitchCredential.objects.get().state == TwitchCredential.State.OK
    assert "_auth_user_id" in client.session
