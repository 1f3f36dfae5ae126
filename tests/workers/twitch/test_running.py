"""Which channels a gateway serves: a look tells what changed, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from channels_app.models import Channel, DesiredState, TwitchCredential
from channels_app.twitch.scopes import CHAT, SIGN_IN
from tests import factories
from workers.twitch.running import Running
from workers.twitch.subscriptions import ALL

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Channel:
    user = factories.user("Alice", twitch_id="501")
    TwitchCredential.objects.create(
        user=user, access_token="a", scopes=list(SIGN_IN), expires_at=timezone.now() + timedelta(hours=4)
    )
    return factories.channel(user, desired_state=DesiredState.RUNNING)


@pytest.fixture
def running(alice: Channel) -> Running:
    made = Running()
    changed = made.look()
    assert [now and now.pk for _, now in changed.values()] == [alice.pk]
    return made


def test_a_look_without_a_change_tells_nothing(running: Running) -> None:
    before = running.channels
    assert running.look() == {}
    assert running.channels is before


@pytest.mark.parametrize(
    "change",
    [
        {"desired_state": DesiredState.STOPPED}, {"twitch_id": None}, {"suspended_at": timezone.now()},
        {"reauthorise_since": timezone.now()},
    ],
)  # fmt: skip
def test_a_channel_that_may_not_be_read_is_gone(running: Running, alice: Channel, change: dict[str, Any]) -> None:
    Channel.objects.update(**change)
    [(broadcaster, (before, now))] = running.look().items()
    assert (broadcaster, before and before.pk, now) == ("501", alice.pk, None)
    assert running.channels == {}


def test_a_person_who_must_sign_in_again_is_gone(running: Running) -> None:
    TwitchCredential.objects.update(state=TwitchCredential.State.RECONNECT)
    assert list(running.look()) == ["501"]
    assert running.channels == {}


def test_fewer_permissions_and_another_panic_word_are_a_change(running: Running) -> None:
    assert running.channels["501"].allowed == ALL
    TwitchCredential.objects.update(scopes=list(CHAT))
    Channel.objects.update(panic_command="!Тихо")
    [(before, now)] = running.look().values()
    assert before
    assert now
    assert (before.allowed.bit_count(), now.allowed.bit_count()) == (13, 7)
    assert (before.panic_command, now.panic_command) == ("!panic", "!тихо")
    assert running.channels == {"501": now}
