"""Who took the permission back on Twitch reads so on the channel's page, with what to do, in English and in Russian."""

from __future__ import annotations

import pytest
from django.test import Client

from channels_app.models import Channel, User
from channels_app.twitch import consent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]

TOLD = {
    "en": ("Twitch took our permission back.", "Sign in with Twitch again, and she can read chat again.",
           "The broadcaster has to sign in with Twitch again."),
    "ru": ("Twitch забрал у нас разрешение.", "Войдите через Twitch ещё раз, и она снова сможет читать чат.",
           "Владельцу канала нужно ещё раз войти через Twitch."),
}  # fmt: skip


def shown_to(person: User, channel: Channel, language: str) -> str:
    browser = Client(headers={"accept-language": language})
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return browser.get(f"/c/{channel.public_id}/").content.decode()


@pytest.mark.parametrize("language", TOLD)
def test_the_broadcaster_reads_what_happened_and_finds_the_way_back(channel: Channel, language: str) -> None:
    what, mend, _ = TOLD[language]
    assert what not in shown_to(channel.broadcaster, channel, language)
    consent.channel_needs_consent(channel, "Twitch ended the subscriptions: authorization_revoked")
    page = shown_to(channel.broadcaster, channel, language)
    assert what in page
    assert mend in page
    assert 'href="/sign-in/?again=1"' in page
    consent.given(channel, ["user:read:chat", "user:bot", "channel:bot"])
    assert what not in shown_to(channel.broadcaster, channel, language)


@pytest.mark.parametrize("language", TOLD)
def test_a_moderator_reads_who_can_mend_it(channel: Channel, bob: User, language: str) -> None:
    what, _, whose = TOLD[language]
    consent.channel_needs_consent(channel, "Twitch ended the subscriptions: authorization_revoked")
    page = shown_to(bob, channel, language)
    assert what in page
    assert whose in page
    assert "again=1" not in page
