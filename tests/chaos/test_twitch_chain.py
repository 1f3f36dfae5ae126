"""The whole service as a streamer meets it: signs in with Twitch, starts her by a click, opens the overlay; a viewer
writes in Twitch's chat, and she is heard. Every part is the real one; Twitch is its server on loopback."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from benchmarks.service import Overlay, Service, public_id
from tests.clock import until
from tests.fakes.twitch import FakeTwitch
from workers.twitch.subscriptions import KINDS

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


class Browser:
    """A browser without scripts: keeps cookies, sends forms with their token."""

    def __init__(self, site: str) -> None:
        self._client = httpx2.Client(base_url=site, follow_redirects=True)

    def open(self, path: str) -> httpx2.Response:
        answer = self._client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer

    def press(self, path: str, **fields: str) -> httpx2.Response:
        """Sends the form that leads there; the page where that ends."""
        token = self._client.cookies["csrftoken"]
        answer = self._client.post(path, data={"csrfmiddlewaretoken": token, **fields})
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:400])
        return answer


async def spoken(overlay: Overlay) -> tuple[str, float]:
    """The next utterance: its words, and its seconds of sound."""
    frames: list[Any] = [frame async for frame in overlay.until_end()]
    words = [frame["text"] for frame in frames if isinstance(frame, dict) and frame["t"] == "sentence"]
    return " ".join(words), sum((len(frame) - 16) / 48_000 for frame in frames if isinstance(frame, bytes))


async def test_from_signing_in_with_twitch_to_a_spoken_answer(tmp_path: Path) -> None:
    with (
        FakeTwitch(keepalive=0.5, grace=5.0) as twitch,
        Service(tmp_path, quiet=True, extra=twitch.environment() | {"GATEWAYS": "2"}) as service,
    ):
        twitch.consent_as("Alice")
        browser = Browser(f"http://127.0.0.1:{service.port}")
        browser.open("/sign-in/")
        terms = browser.press("/auth/login/twitch/")
        version = re.search(r'name="version" value="([\w: ]+)"', terms.text)
        assert version, "who is new is asked to agree first"
        home = browser.press("/agree/", version=version[1], agree="yes")
        channel = str(home.url.path)
        assert re.fullmatch(r"/c/[\w-]+/", channel), channel
        found = re.search(r"http://[^\s\"<]+/o/[\w-]+#k=[\w-]+", browser.press(f"{channel}overlay-url/").text)
        assert found is not None
        assert public_id(found[0]) in channel
        browser.press(f"{channel}do/start/")
        await until(lambda: len(twitch.subscriptions) == len(KINDS) and twitch.shards_enabled == 4, seconds=30)
        async with service.overlay(found[0]) as overlay:
            await overlay.idle()
            with twitch.through(3):  # a socket of the second gateway
                twitch.say("Alice", "Dora", "!ai hello there")
            words, seconds = await spoken(overlay)
            await overlay.idle()
        page = browser.open(f"{channel}live/").text
    assert len(words) > 5
    assert seconds > 0.5
    assert "Dora" in page
    assert "hello there" in page
    logs = "".join(path.read_text(errors="replace") for path in service.logs)
    assert found[0].partition("#k=")[2] not in logs
    assert not [token for token in twitch.world.tokens if token in logs]
