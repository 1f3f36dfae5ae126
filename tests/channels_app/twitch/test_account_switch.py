"""Somebody with two Twitch accounts gets to choose: Twitch asks who is there when it is told to."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings

from tests.channels_app.twitch.visitor import Visitor
from tests.fakes.twitch import FakeTwitch


def asked_who(twitch: FakeTwitch) -> bool:
    """Whether Twitch was told to ask at the last sign-in."""
    return twitch.called("GET", "/oauth2/authorize")[-1].query.get("force_verify") == "true"


def test_a_first_sign_in_takes_the_account_twitch_knows(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    visitor.sign_in()
    assert not asked_who(twitch)


def test_who_is_signed_in_and_signs_in_once_more_may_choose(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    visitor.sign_in()
    twitch.consent_as("Bob")
    visitor.sign_in()
    assert asked_who(twitch)
    assert visitor.person is not None
    assert visitor.person.display_name == "Bob"


def test_who_has_signed_out_may_choose_by_the_second_button(twitch: FakeTwitch, visitor: Visitor) -> None:
    twitch.consent_as("Alice")
    visitor.sign_in()
    visitor.client.logout()
    visitor.sign_in(switch="1")
    assert asked_who(twitch)
    visitor.client.logout()
    visitor.sign_in()
    assert not asked_who(twitch)


@pytest.mark.parametrize(("language", "words"), [("en", "Use another Twitch account"), ("ru", "другим аккаунтом")])
def test_the_sign_in_page_has_that_button(
    twitch: FakeTwitch, visitor: Visitor, built_front_end: None, language: str, words: str
) -> None:
    def page(client: Client) -> str:
        with override_settings(ROOT_URLCONF="aigirl_site.urls"):
            return client.get("/sign-in/?again=1", HTTP_ACCEPT_LANGUAGE=language).content.decode()

    assert 'name="switch" value="1"' in page(visitor.client)
    assert words in page(visitor.client)
    twitch.consent_as("Alice")
    visitor.sign_in()
    assert words not in page(visitor.client)
