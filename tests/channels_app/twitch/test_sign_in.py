"""Sign-in with the real social-auth against a Twitch on loopback."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.core import serializers
from django.db import connection
from django.utils import timezone

from channels_app.models import Channel, EventSubSubscription, Membership, TwitchCredential, User
from channels_app.twitch.scopes import CHAT, SIGN_IN
from tests import factories
from tests.channels_app.twitch.visitor import Visitor
from tests.fakes.twitch import FakeTwitch


def test_a_broadcaster_signs_in_and_has_a_channel(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    assert visitor.sign_in() == "/home/"
    alice = visitor.person
    assert alice is not None
    assert (alice.twitch_id, alice.display_name) == (twitch.account("Alice").id, "Alice")
    assert not alice.has_usable_password()
    channel = Channel.objects.get(broadcaster=alice)
    assert (channel.login, channel.twitch_id, channel.reauthorise_since) == ("alice", alice.twitch_id, None)
    assert channel.memberships.get().role == Membership.Role.OWNER


def test_only_what_she_needs_is_asked_for(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    visitor.sign_in()
    assert set(visitor.asked_scopes) == set(SIGN_IN)
    changes = [scope for scope in visitor.asked_scopes if "write" in scope or "manage" in scope]
    assert changes == ["user:write:chat"], "she answers who asks in chat what she is, and changes nothing"
    assert set(TwitchCredential.objects.get().scopes) == set(SIGN_IN)


def test_an_account_without_an_email_can_sign_in(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.account("Alice", email=None)
    twitch.consent_as("Alice")
    visitor.sign_in()
    assert visitor.person is not None
    assert visitor.person.email == ""


def test_the_second_sign_in_finds_the_same_person_under_a_new_name(twitch: FakeTwitch, visitor: Visitor) -> None:
    account = twitch.account("Alice")
    twitch.consent_as("Alice")
    visitor.sign_in()
    visitor.client.logout()
    account.display_name, account.login = "Alicia", "alicia"
    twitch.world.accounts["alicia"] = twitch.world.accounts.pop("alice")
    twitch.consent_as("alicia")
    visitor.sign_in()
    assert User.objects.get().display_name == "Alicia"
    assert Channel.objects.get().login == "alicia"


def test_a_login_somebody_gave_up_goes_to_its_new_owner(twitch: FakeTwitch, visitor: Visitor) -> None:
    old = factories.user("Old", twitch_id="9")
    Channel.objects.create(broadcaster=old, login="alice", display_name="Old", twitch_id="9")
    User.objects.create_user("alice", password="an operator of this name")
    twitch.consent_as("Alice")
    visitor.sign_in()
    assert visitor.person is not None
    assert visitor.person.display_name == "Alice"
    assert Channel.objects.get(login="alice").broadcaster == visitor.person
    assert Channel.objects.get(broadcaster=old).login == "alice-9"


def test_denied_consent_leads_back_with_one_clear_sentence(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.deny_consent()
    assert visitor.sign_in() == "/sign-in/"
    assert "did not allow access on Twitch" in visitor.page
    assert visitor.person is None
    assert not User.objects.exists()


def test_a_forged_state_is_refused(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    visitor.ask_twitch()
    code = next(iter(twitch.world.codes))
    assert visitor.come_back("/auth/complete/twitch/?" + urlencode({"code": code, "state": "forged"})) == "/sign-in/"
    assert "start again" in visitor.page
    assert visitor.person is None


def test_an_address_works_only_once(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    address = visitor.ask_twitch()
    visitor.come_back(address)
    visitor.client.logout()
    assert visitor.come_back(address) == "/sign-in/"
    assert visitor.person is None


@pytest.mark.parametrize("path", ["/oauth2/token", "/helix/users"])
def test_twitch_being_down_is_said_in_one_sentence(twitch: FakeTwitch, visitor: Visitor, path: str) -> None:
    twitch.consent_as("Alice")
    twitch.fail_next(path, 503)
    assert visitor.sign_in() == "/sign-in/"
    assert visitor.page == "Twitch did not answer. Please try again in a minute."
    assert not User.objects.exists()


def test_a_closed_account_stays_out(twitch: FakeTwitch, visitor: Visitor) -> None:
    factories.user("Alice", twitch_id=twitch.account("Alice").id, is_active=False)
    twitch.consent_as("Alice")
    assert visitor.sign_in() == "/sign-in/"
    assert "account is closed" in visitor.page
    assert visitor.person is None


def test_who_completes_as_somebody_else_becomes_that_person(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    visitor.sign_in()
    alice = visitor.person
    twitch.consent_as("Bob")
    assert visitor.sign_in() == "/home/"
    bob = visitor.person
    assert bob is not None
    assert alice is not None
    assert (bob.display_name, bob.pk == alice.pk) == ("Bob", False)
    assert [c.login for c in Channel.objects.filter(broadcaster=bob)] == ["bob"]
    assert [c.login for c in Channel.objects.filter(broadcaster=alice)] == ["alice"]
    twitch.consent_as("Alice")
    visitor.sign_in()
    assert visitor.person == alice


def test_an_operator_with_a_password_is_not_joined_to_a_twitch_account(twitch: FakeTwitch, visitor: Visitor) -> None:
    operator = User.objects.create_superuser("root", password="a long one")
    visitor.client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    twitch.consent_as("Alice")
    visitor.sign_in()
    operator.refresh_from_db()
    assert operator.twitch_id is None
    assert visitor.person is not None
    assert not visitor.person.is_superuser


def test_no_token_stands_in_the_database_in_plain(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    visitor.sign_in()
    secrets = [value for token in twitch.world.tokens.values() for value in (token.value, token.refresh) if value]
    assert len(secrets) == 2
    credential = TwitchCredential.objects.get()
    assert [credential.access_token, credential.refresh_token] == secrets
    dump = ""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            dump += repr(cursor.fetchall())
    assert twitch.account("Alice").id in dump
    assert not [secret for secret in secrets if secret in dump]
    assert "alice" in serializers.serialize("json", Channel.objects.all())


def test_signing_in_again_mends_what_was_refused(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    visitor.sign_in()
    channel = Channel.objects.get()
    Channel.objects.update(reauthorise_since=timezone.now())
    TwitchCredential.objects.update(state=TwitchCredential.State.RECONNECT, problem="dead")
    refused = EventSubSubscription.objects.create(
        channel=channel, type="channel.cheer", state=EventSubSubscription.State.REFUSED, problem="no scope"
    )
    visitor.sign_in()
    channel.refresh_from_db()
    refused.refresh_from_db()
    assert channel.reauthorise_since is None
    assert TwitchCredential.objects.get().state == TwitchCredential.State.OK
    assert (refused.state, refused.problem) == (EventSubSubscription.State.WANTED, "")
    assert set(CHAT) <= set(TwitchCredential.objects.get().scopes)
