"""Where a plan's limits meet what somebody does: refused in clear words with a way up, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import actions as billing_actions
from billing import granting
from billing.entitlements import Credit
from channels_app import actions, queries, retention
from channels_app.models import Channel, DesiredState, Invitation, ProviderAccess, Turn
from personas.forms import PersonaForm
from personas.look_form import LookForm
from personas.models import AvatarPicture, Persona
from tests import factories

pytestmark = pytest.mark.usefixtures("built_front_end", "keys")


@pytest.fixture
def free(channel: Channel) -> Channel:
    granting.grant(channel, now=timezone.now())
    channel.refresh_from_db()
    return channel


@pytest.fixture
def owner(channel: Channel) -> Client:
    client = Client()
    client.force_login(channel.broadcaster)
    return client


def give(channel: Channel, plan: str) -> None:
    billing_actions.override_plan(channel, acting_user=channel.broadcaster, plan=plan, reason="a test")
    channel.refresh_from_db()


# Live


def test_one_channel_live_at_once_and_the_way_to_more(free: Channel, owner: Client) -> None:
    other = Channel.objects.create(broadcaster=free.broadcaster, login="second", display_name="Second")
    granting.grant(other, now=timezone.now())
    Channel.objects.filter(pk=other.pk).update(desired_state=DesiredState.RUNNING)
    told = owner.post(reverse("run", args=[free.public_id, "start"]), follow=True).content.decode()
    assert "Your plan allows 1 channel live at once. Stop the other one first." in told
    assert f'<a href="/c/{free.public_id}/billing/">Plans</a>' in told
    answer = owner.post(reverse("api_start", args=[free.public_id]))
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_limit")
    assert answer.json()["url"] == f"/c/{free.public_id}/billing/"
    actions.stop(other, acting_user=None)
    actions.start(free, acting_user=None)
    actions.start(free, acting_user=None)
    free.refresh_from_db()
    assert free.desired_state == DesiredState.RUNNING


def test_a_larger_plan_lets_more_channels_live(free: Channel) -> None:
    other = Channel.objects.create(broadcaster=free.broadcaster, login="second", display_name="Second")
    granting.grant(other, now=timezone.now())
    actions.start(free, acting_user=None)
    with pytest.raises(actions.PlanLimit):
        actions.start(other, acting_user=None)
    give(free, "studio")
    actions.start(other, acting_user=None)
    assert Channel.objects.filter(desired_state=DesiredState.RUNNING).count() == 2


def test_used_up_live_hours_are_told_at_the_start(free: Channel) -> None:
    Channel.objects.filter(pk=free.pk).update(entitlements=free.entitlements | {"live_seconds": 0})
    with pytest.raises(actions.PlanLimit, match="live hours of your plan are used up"):
        actions.start(free, acting_user=None)


def test_without_limits_nothing_is_asked(channel: Channel) -> None:
    actions.start(channel, acting_user=None)
    channel.refresh_from_db()
    assert channel.desired_state == DesiredState.RUNNING


# Members


def test_moderators_are_as_many_as_the_plan_has(free: Channel, owner: Client) -> None:
    """Bob is the one of the free plan."""
    newcomer = factories.channel()
    address = reverse("add_member", args=[free.public_id])
    answer = owner.post(address, {"login": newcomer.login, "powers": ["talk"]}, follow=True).content.decode()
    assert "Your plan allows 1 moderators" in answer
    assert f'<a href="/c/{free.public_id}/billing/">Plans</a>' in answer
    assert not Invitation.objects.exists()
    give(free, "creator")
    owner.post(address, {"login": newcomer.login, "powers": ["talk"]})
    assert Invitation.objects.filter(channel=free, login=newcomer.login).exists()


# The persona


def form(persona: Persona, **values: Any) -> tuple[PersonaForm, LookForm]:
    version = persona.published
    assert version
    pictures = list(AvatarPicture.objects.filter(channel=persona.channel))
    forms = PersonaForm(version=version), LookForm(version=version, pictures=pictures)
    filled = {field.html_name: field.value() for each in forms for field in each}
    data = {name: value for name, value in (filled | values).items() if value not in (None, False)}
    return PersonaForm(data, version=version), LookForm(data, version=version, pictures=pictures)


def test_a_voice_of_the_provider_needs_a_larger_plan(free: Channel, persona: Persona) -> None:
    refused, _look = form(persona, voice="openai:alloy")
    assert "built-in voices" in str(refused.errors["voice"])
    assert f'href="/c/{free.public_id}/billing/"' in str(refused.errors["voice"])
    assert "voice" not in form(persona, voice="espeak:f3")[0].errors
    ProviderAccess.objects.create(channel=free, kind="speech", base_url="https://a.example/v1", model="m")
    assert "voice" not in form(persona, voice="openai:alloy")[0].errors


def test_a_larger_plan_has_the_providers_voices(free: Channel) -> None:
    give(free, "creator")
    assert "voice" not in form(Persona.objects.get(channel=free), voice="openai:alloy")[0].errors


def test_pictures_of_ones_own_need_a_larger_plan(free: Channel, owner: Client, persona: Persona) -> None:
    _persona, refused = form(persona, kind="png")
    assert "drawn character only" in str(refused.errors["kind"])
    give(free, "creator")
    _persona, look = form(Persona.objects.get(channel=free), kind="png")
    assert "kind" not in look.errors


def test_a_smaller_plan_draws_her_and_keeps_the_pictures_for_later(channel: Channel, persona: Persona) -> None:
    avatar = {"kind": "png", "own": {"pictures": {"idle": "a.png"}, "mouth": {"half": 0.2, "open": 0.6}, "bounce": 0}}
    version = factories.version(persona, avatar=avatar, voice_engine="openai")

    def kind() -> str:
        channel.refresh_from_db()
        return str(channel.look["avatar"]["kind"])

    assert kind() == "png"
    granting.grant(channel, now=timezone.now())
    assert kind() == "svg"
    version.refresh_from_db()
    assert version.avatar["kind"] == "png"
    persona.channel.refresh_from_db()
    factories.version(persona, avatar=avatar, voice_engine="openai")
    assert kind() == "svg"
    # What was chosen under a larger plan does not stand in the way of other changes.
    persona.refresh_from_db()
    changed, look = form(persona, name="Nika")
    assert "voice" not in changed.errors
    assert "kind" not in look.errors
    give(channel, "creator")
    assert kind() == "png"


def test_a_plan_for_a_channel_without_a_persona_is_only_written_down(db: None) -> None:
    bare = factories.channel()
    assert granting.grant(bare, now=timezone.now())


# History


def test_history_goes_as_far_back_as_the_plan_and_comes_back_with_a_larger_one(free: Channel) -> None:
    old = factories.turn(free)
    Turn.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=60))
    new = factories.turn(free)
    assert list(queries.last_turns(free)) == [new]
    assert queries.turn_of(free, old.pk) is None
    assert retention.forget_old_turns() == 0
    give(free, "creator")
    assert list(queries.last_turns(free)) == [new, old]


def test_what_no_plan_shows_is_forgotten_and_a_site_of_ones_own_keeps_everything(channel: Channel) -> None:
    old = factories.turn(channel)
    Turn.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=401))
    assert retention.forget_old_turns() == 0
    granting.grant(channel, now=timezone.now())
    assert retention.forget_old_turns() == 1
    assert not Turn.objects.exists()


def test_credit_of_an_operator_counts_at_the_start(free: Channel) -> None:
    billing_actions.override_plan(
        free, acting_user=free.broadcaster, reason="an outage", credit=Credit(live_seconds=3600)
    )
    free.refresh_from_db()
    assert free.entitlements["live_seconds"] == 11 * 3600
    actions.start(free, acting_user=None)
