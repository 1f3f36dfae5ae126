"""How captions look: chosen on the settings page, told to the overlays, and open to OBS's own CSS."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from channels_app import actions
from channels_app.models import AuditEvent, Channel, User
from channels_app.overlay.caption_style import CHOICES, DEFAULTS, contrast, style_of
from tests.live import page

pytestmark = pytest.mark.usefixtures("built_front_end")

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "overlay_static/src/overlay"
PROTOCOL = ROOT / "docs/overlay-protocol.md"
CHOSEN = {
    "words": "karaoke",
    "font": "serif",
    "size": "large",
    "background": "soft",
    "position": "top",
    "color": "#fff4d6",
    "highlight": "#8fd8ff",
    "outline": "#101018",
}


def post(client: Client, channel: Channel, **changes: str) -> Any:
    values = {f"caption-{name}": value for name, value in (CHOSEN | changes).items()}
    return client.post(f"/c/{channel.public_id}/settings/captions/", values)


@pytest.fixture
def moderator(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


def test_a_channel_begins_with_captions_that_light_up(channel: Channel) -> None:
    assert style_of(channel) == DEFAULTS


def test_a_moderator_chooses_how_they_look(moderator: Client, channel: Channel) -> None:
    assert post(moderator, channel).status_code == 302
    channel.refresh_from_db()
    assert style_of(channel) == CHOSEN
    assert AuditEvent.objects.get(action="channel.captions_changed").detail == CHOSEN
    post(moderator, channel)
    assert AuditEvent.objects.filter(action="channel.captions_changed").count() == 1, "nothing changed"


def test_switched_off_they_keep_their_look_for_another_day(moderator: Client, channel: Channel) -> None:
    post(moderator, channel)
    post(moderator, channel, words="off")
    channel.refresh_from_db()
    assert style_of(channel) == CHOSEN | {"words": "off"}
    assert channel.caption_style["words"] == "karaoke"


@pytest.mark.parametrize(
    "changes",
    [
        {"font": "url(https://evil.example/x)"},
        {"color": "red"},
        {"outline": "#fff;}"},
        {"size": ""},
        {"color": "#fefefe", "outline": "#ffffff"},
        {"highlight": "#202028"},
    ],
    ids=str,
)
def test_what_could_not_be_read_or_is_unknown_is_refused(
    moderator: Client, channel: Channel, changes: dict[str, str]
) -> None:
    answer = post(moderator, channel, **changes)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    channel.refresh_from_db()
    assert style_of(channel) == DEFAULTS


def test_a_row_with_nonsense_still_gives_a_whole_style(channel: Channel) -> None:
    channel.caption_style = {"font": "wingdings", "color": 7, "size": "huge"}
    assert style_of(channel) == DEFAULTS | {"size": "huge"}
    channel.caption_style = ["no", "style"]
    assert style_of(channel) == DEFAULTS


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_page_knows_every_choice_and_the_same_defaults() -> None:
    source = (SOURCE / "caption_style.ts").read_text()
    for choices in CHOICES.values():
        for name, _label in choices:
            assert re.search(rf"\b{name}\b", source), name
    plain = source.split("PLAIN: CaptionStyle = {")[1].split("}")[0]
    assert dict(re.findall(r"(\w+): '([^']+)'", plain)) == DEFAULTS


def test_the_protocol_page_names_every_variable_and_no_other() -> None:
    documented = set(re.findall(r"`(--aigirl-[\w-]+)`", PROTOCOL.read_text()))
    layout = set(re.findall(r"(--aigirl-[\w-]+):", (SOURCE / "overlay.css").read_text()))
    chosen = set(re.findall(r"'(--aigirl-[\w-]+)'", (SOURCE / "caption_style.ts").read_text()))
    assert documented == layout | chosen
    assert not layout & chosen, "one place says the default"


def test_the_overlay_page_lets_obs_add_its_css_and_no_other_page_does(moderator: Client, channel: Channel) -> None:
    overlay = moderator.get(f"/o/{channel.public_id}")["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in overlay
    assert "script-src 'self';" in overlay
    dashboard = moderator.get(f"/c/{channel.public_id}/")["Content-Security-Policy"]
    assert "style-src 'self';" in dashboard


@pytest.mark.django_db(transaction=True)
async def test_a_live_page_is_told_the_new_style(client: Client, channel: Channel, bob: User) -> None:
    await sync_to_async(client.force_login)(bob)
    url = await sync_to_async(actions.new_overlay_url)(channel, acting_user=None)
    async with page(channel, url.rpartition("#k=")[2]) as overlay:
        assert (await overlay.next())["captions"] == DEFAULTS
        await sync_to_async(post)(client, channel)
        assert (await overlay.next_of("config"))["captions"] == CHOSEN
