"""One chatter's data over every room: copied for the chatter, and erased on the chatter's word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from channels_app import actions, chatters, forgetting, privacy
from channels_app.models import AuditEvent, Channel, MemoryOptOut, StreamSummary, Turn
from channels_app.models.channel import new_public_id
from channels_app.privacy import Chatter, Whose
from tests import factories
from tests.channels_app.test_forgetting import remembered
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_bucket import Bucket
from tests.fakes.twitch_site import connected
from tests.guards.tracked import PACKAGES
from tests.workers.memory_room import heard

pytestmark = pytest.mark.django_db
CANARY = "qxdora"
DORA = Chatter("44", frozenset({CANARY}))


@pytest.fixture
def everywhere(channel: Channel) -> Channel:
    """A channel in which the chatter has left something in every room."""
    text = f"{CANARY} has a cat"
    heard(channel, text, chatter_name=CANARY, said=f"Hi {CANARY}!", heard=f"Hi {CANARY}!")
    heard(channel, "who is here?", "45", said=f"{CANARY} is.", heard=f"{CANARY} is.")
    blocked = heard(
        channel, text, judged=text, verdict={"action": "drop", "rule": "lexicon.tier1.x"}, said="", heard=""
    )
    actions.report_wrong(channel, acting_user=channel.broadcaster, turn=blocked)
    remembered(channel, text=text, chatter_name=CANARY)
    event = factories.event(text)
    factories.paid_event(channel, payload=event.as_message() | {"chatter": {"id": "44", "name": CANARY.title()}})
    StreamSummary.objects.create(channel=channel, text=text, covers=Turn.barred("44"), begun_at=timezone.now())
    forgetting_mark = forgetting.digest(channel, "44")
    MemoryOptOut.objects.create(channel=channel, digest=forgetting_mark)
    actions.latch_panic(channel, acting_user=None, by=f"{CANARY.title()} in chat")
    Channel.objects.filter(pk=channel.pk).update(ignored_chatters=[CANARY])
    channel.refresh_from_db()
    return channel


def tables_with(word: str) -> set[str]:
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in PACKAGES]
    return {
        model._meta.label
        for model in models
        for row in model._base_manager.values_list()
        if word in json.dumps(row, default=str, ensure_ascii=False).lower()
    }


def test_every_room_that_holds_chatters_data_is_copied_and_erased(everywhere: Channel) -> None:
    holding = {each.label for each in privacy.holdings() if Whose.CHATTER in each.whose}
    assert privacy.chatter_copy(everywhere, DORA).keys() == holding, "leave a trace in each, above"
    chatters.erase(everywhere, DORA, acting_user=everywhere.broadcaster)
    left = {each.label for each, _count in privacy.chatter_counts(everywhere, DORA)}
    kept = {each.label for each in privacy.holdings() if each.of_chatters and each.of_chatters.kept_because}
    assert left == kept
    # On the list of ignored chatters, which says why it stays.
    assert tables_with(CANARY) == {"channels_app.Channel"}
    chatters.erase(everywhere, DORA, acting_user=None)


def test_a_copy_has_nothing_of_others(everywhere: Channel) -> None:
    heard(everywhere, "boris writes this", "45", answered=Turn.barred("m", "44", "45"))
    copy = json.dumps(chatters.copy_of(everywhere, DORA, acting_user=None), default=str)
    assert f"{CANARY} has a cat" in copy
    assert "boris writes this" not in copy


def test_a_chatter_is_found_by_name_by_id_and_by_what_was_paid(everywhere: Channel) -> None:
    for words in (CANARY, f"@{CANARY.upper()}", "44"):
        assert [each.id for each in chatters.find(everywhere, words)] == ["44"]
    assert chatters.find(everywhere, "somebody_else") == []
    assert chatters.find(everywhere, " ") == []
    assert chatters.find(factories.channel(), CANARY) == []


def test_the_owner_looks_up_copies_and_erases(everywhere: Channel, client: Client) -> None:
    client.force_login(everywhere.broadcaster)
    at = f"/c/{everywhere.public_id}/privacy/chatter/"
    page = client.post(at, {"chatter": CANARY}).content.decode()
    assert "Twitch id 44" in page
    chosen = {"id": "44", "chatter": CANARY}
    copy = client.post(f"{at}copy/", chosen)
    assert copy["Content-Disposition"].startswith("attachment")
    assert f"{CANARY} has a cat" in copy.content.decode()
    assert client.post(f"{at}erase/", chosen).status_code == 302
    assert tables_with(CANARY) == {"channels_app.Channel"}
    assert "Nothing is stored" in client.post(at, {"chatter": "somebody_else"}).content.decode()
    assert client.post(f"{at}copy/", {"id": "46x", "chatter": CANARY}).status_code == 404
    assert {"privacy.chatter_copied", "privacy.chatter_erased"} <= set(
        AuditEvent.objects.filter(channel=everywhere).values_list("action", flat=True)
    )


def test_no_channels_id_looks_like_an_option_of_a_command() -> None:
    made = {new_public_id() for _ in range(1000)}
    assert all(each[0].isalpha() for each in made)
    assert len(made) == 1000


def test_operators_do_the_same_from_the_command_line(everywhere: Channel, tmp_path: Any) -> None:
    told = StringIO()
    call_command("privacy", "export", channel=everywhere.login, chatter=CANARY, stdout=told)
    assert json.loads(told.getvalue())[0]["chatter"]["id"] == "44"
    call_command("privacy", "erase", channel=everywhere.public_id, chatter="44", stdout=told)
    assert tables_with(CANARY) == {"channels_app.Channel"}
    with pytest.raises(CommandError, match="Twitch id"):
        call_command("privacy", "erase", channel=everywhere.login, chatter="nobody_here")
    call_command("privacy", "export", channel=everywhere.login, out=str(tmp_path / "c.zip"), stdout=told)
    assert (tmp_path / "c.zip").stat().st_size > 0


# Twitch knows whose login it is


@pytest.fixture
def twitch(settings: Any) -> Iterator[FakeTwitch]:
    with connected(settings) as fake:
        yield fake


@pytest.fixture
def shown_otherwise(channel: Channel, client: Client, twitch: FakeTwitch) -> str:
    """A chatter whose shown name says nothing of the login. The address of the look-up."""
    account = twitch.account("Dora_D")
    heard(channel, "I have a cat, says ドラ", account.id, chatter_name="ドラ")
    client.force_login(channel.broadcaster)
    return f"/c/{channel.public_id}/privacy/chatter/"


@pytest.mark.parametrize("typed", ["dora_d", "@Dora_D", " DORA_D "])
def test_a_chatter_is_found_by_the_login_whatever_name_is_shown(
    shown_otherwise: str, client: Client, twitch: FakeTwitch, typed: str
) -> None:
    chatter_id = Turn.objects.get().chatter_id
    page = client.post(shown_otherwise, {"chatter": typed}).content.decode()
    assert f"Twitch id {chatter_id}" in page
    chosen = {"id": chatter_id, "chatter": typed}
    assert "I have a cat" in client.post(f"{shown_otherwise}copy/", chosen).content.decode()
    assert client.post(f"{shown_otherwise}erase/", chosen).status_code == 302
    assert tables_with("ドラ") == set()


def test_who_is_known_here_by_name_is_not_asked_of_twitch(
    shown_otherwise: str, client: Client, twitch: FakeTwitch
) -> None:
    assert "Twitch id" in client.post(shown_otherwise, {"chatter": "ドラ"}).content.decode()
    assert twitch.called("GET", "/helix/users") == []


def test_a_login_that_twitch_does_not_know_is_said_to_be_unknown(
    shown_otherwise: str, client: Client, twitch: FakeTwitch
) -> None:
    for typed in ("nobody_here", "no login at all"):
        assert "Nobody on Twitch has this login." in client.post(shown_otherwise, {"chatter": typed}).content.decode()
    assert len(twitch.called("GET", "/helix/users")) == 1, "what cannot be a login is not asked"


def test_somebody_of_whom_nothing_is_stored_is_named_with_the_id(
    shown_otherwise: str, client: Client, twitch: FakeTwitch
) -> None:
    boris = twitch.account("Boris")
    page = client.post(shown_otherwise, {"chatter": "boris"}).content.decode()
    assert f"Nothing is stored of boris, whose Twitch id is {boris.id}." in page


def test_a_twitch_that_does_not_answer_is_said_to_be_away(
    shown_otherwise: str, client: Client, twitch: FakeTwitch
) -> None:
    twitch.world.bucket = Bucket(0)
    page = client.post(shown_otherwise, {"chatter": "dora_d"}).content.decode()
    assert "Twitch could not be asked" in page


def test_operators_may_name_the_login_too(shown_otherwise: str, channel: Channel) -> None:
    call_command("privacy", "erase", channel=channel.login, chatter="Dora_D", stdout=StringIO())
    assert tables_with("ドラ") == set()


def test_nobody_elses_name_is_erased_with_a_chatter(channel: Channel) -> None:
    heard(channel, "hello", "44", chatter_name="Dora")
    heard(channel, "hello", "45", chatter_name="Boris")
    assert chatters.also_called(channel, Chatter("44"), "Boris").names == frozenset()
    assert chatters.also_called(channel, Chatter("44"), "@Dora_D").names == {"dora_d"}
