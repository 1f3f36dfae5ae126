"""The whole service with a position-coded voice, behind a network that can be disturbed, and an ear at its page."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.service import Service, public_id
from tests.browser.course import Course, Samples, course
from tests.browser.hearing import Heard, Hearer
from tests.browser.lips import Lips, Track, lips
from tests.fakes.coded_sound import coded, mouths, phoneme_timestamps
from tests.fakes.network import Network
from tests.fakes.provider import ProviderServer, Script, Timings
from tests.fakes.speech_sound import RATE
from tests.waiting import until

QUICK = Timings(first_token=0.05, tokens_per_second=80, first_audio=0.05, audio_speed=4.0)
"""A voice four times as fast as speech."""
LIVE = Timings(first_token=0.05, tokens_per_second=80, first_audio=0.05, audio_speed=1.0)
"""A voice that is made while it is spoken: nothing is ever ready in advance."""
TALES = (
    "Welcome back to the {} sea after two days of storms. Kettle and {} cup sang.",
    "My favourite of nine {} games has boats and a lighthouse. Its {} sailors win.",
    "Some old {} people ask whether I dream of electric sheep. I do, of {} bowls.",
    "Please drink three {} glasses of water before the mountain. Be {} again.",
    "Not one of ten {} villagers thinks that the old windmill can fly. My {} owl does.",
    "Would you rather own six {} elephants or one trumpet? I took {} weeks.",
)
"""The first sentence is long, so that there is a middle to disturb."""
COLOURS = (
    "silver", "golden", "purple", "yellow", "orange", "crimson", "copper", "bronze", "scarlet", "emerald", "violet",
    "amber",
)  # fmt: skip
REPLIES = tuple(tale.format(colour, colour) for colour in COLOURS for tale in TALES)
"""More than the fifty turns in which she says no sentence again that was heard, be it of a reply that was cut off."""

LAST_TURNS = """
for turn in channel.turns.order_by('-created_at')[:4]:
    print(turn.created_at, turn.asked, turn.outcome, turn.reason, turn.heard, turn.heard_at, turn.ended_at)
print(channel.desired_state, channel.panic_since, list(channel.overlays.values()))
"""

HOUSE = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]
"""Tests in the house; tests/scheduling.py says which of them share one."""


class Theatre:
    """One running service. Its overlay is reached through `network` only."""

    def __init__(self, service: Service, provider: ProviderServer, network: Network) -> None:
        self.service = service
        self.provider = provider
        self.network = network
        self._lines = itertools.count()

    @property
    def url(self) -> str:
        return self.service.overlay_url

    @property
    def site(self) -> str:
        """Address of its pages."""
        return self.url.partition("/o/")[0]

    def address(self, coding: str) -> str:
        """The overlay URL of a page near its server (PCM), or of one that is taken for far away (Opus)."""
        return self.url.replace("#", "?enc=opus#") if coding == "opus" else self.url

    def forget(self) -> None:
        """From now on only what is yet to be spoken counts."""
        self.provider.requests.clear()

    def see_nobody(self) -> None:
        """No page of before is there any more. Its socket may not have been missed yet, and the sound would be its."""
        self.shell("channel.overlays.all().delete()")

    async def ask(self) -> str:
        """A viewer writes; she answers with the next of `REPLIES`. Returns the message's id."""
        return await self.service.say(f"Viewer{next(self._lines)}", "!ai tell me something")

    async def skip(self) -> None:
        """A moderator silences what she is saying."""
        await self._tell(t="command", name="skip")

    async def delete(self, message_id: str) -> None:
        """A moderator deletes a message in chat."""
        await self._tell(t="deleted", message_id=message_id)

    async def _tell(self, **body: Any) -> None:
        group = f"inbox.{public_id(self.service.overlay_url)}"
        await self.service.send(group, {"type": "inbox.message", "body": body})

    @property
    def spoken(self) -> list[str]:
        """The sentences the voice was asked for, as they follow each other in her replies: one request may overtake
        another on its way."""
        asked = [str(request.body["input"]) for request in self.provider.requests_to("/audio/speech")]
        reply_of = {sentence: next((reply for reply in REPLIES if sentence in reply), "") for sentence in asked}
        replies = list(dict.fromkeys(reply_of.values()))
        return sorted(asked, key=lambda said: (replies.index(reply_of[said]), reply_of[said].find(said)))

    @property
    def utterance(self) -> Samples:
        """The sound of `spoken`, as it is to be heard."""
        return sound_of(self.spoken)

    def review(self, heard: Heard) -> Review:
        """What became of the one utterance that was spoken since `forget`. Raises ValueError when nothing was heard."""
        return review(heard, self.spoken)

    def last_words(self) -> str:
        """Her last turns and pages, and the end of each log."""
        try:
            turns = self.shell(LAST_TURNS)
        except (RuntimeError, OSError) as error:
            turns = str(error)
        return "\n".join([turns, *(path.read_text(errors="replace")[-1500:] for path in self.service.logs)])

    def shell(self, code: str) -> str:
        """As `Service.shell`, with `channel` and `actions` at hand."""
        head = "from channels_app import actions\nfrom channels_app.models import Channel\n"
        head += 'channel = Channel.objects.get(login="demo")\n'
        return self.service.shell(head + code)


@dataclass(frozen=True, slots=True)
class Review:
    """One utterance as it was sent, heard and seen."""

    heard: Heard
    utterance: Samples
    course: Course
    lips: Lips
    start: float
    """Seconds from the first binary frame's arrival to the first audible sound."""

    @property
    def seconds(self) -> float:
        return len(self.utterance) / RATE

    @property
    def gaps(self) -> int:
        """Silences inside the utterance that are not its own."""
        return sum(found.silence > 0 for found in self.course.breaks)

    @property
    def lost(self) -> float:
        """Seconds of the utterance that were never heard. Its last pause is silent anyway."""
        return sum(found.lost for found in self.course.breaks) + max(0.0, self.seconds - 0.3 - self.course.last)

    @property
    def frame_times(self) -> list[float]:
        """Seconds between the frames drawn while it was spoken."""
        begin, end = self.course.onset, float(self.course.times[-1])
        times = [f.at for f in self.heard.frames if begin <= f.clock - f.latency - self.heard.begin <= end]
        return np.diff(times).tolist()


def sound_of(sentences: Sequence[str]) -> Samples:
    """One utterance: the coded sound of its sentences, laid end to end."""
    return np.concatenate([np.frombuffer(coded(text), "<i2") / 32768 for text in sentences])


def mouth_of(sentences: Sequence[str]) -> Track:
    """The mouth that belongs to it, as the voice's server tells it."""
    keys: list[tuple[float, str]] = []
    begin = 0.0
    for text in sentences:
        keys += [(begin + at, viseme) for at, viseme in mouths(text)]
        begin += len(coded(text)) / 2 / RATE
    return Track(keys)


def review(heard: Heard, sentences: Sequence[str]) -> Review:
    utterance = sound_of(sentences)
    begun: dict[str, Any] = heard.told("speech.begin")[0]
    first = next(arrival for arrival in heard.wire if arrival.body.get("utt") == begun["utt"] and "seq" in arrival.body)
    run = course(heard.samples, heard.rate, utterance)
    return Review(
        heard=heard,
        utterance=utterance,
        course=run,
        lips=lips(heard, run, mouth_of(sentences), seconds=len(utterance) / RATE),
        start=heard.begin + run.onset - heard.ahead - first.at,
    )


def assert_whole(review: Review) -> None:
    """Everything was heard once and in order."""
    told = [(begun["utt"], begun["from"], begun["seq"]) for begun in review.heard.told("speech.begin")]
    assert review.lost == 0, (review.course.breaks, review.course.last, review.seconds, told, review.heard.acks())
    assert review.course.clicks == (), (review.course.clicks, review.course.breaks, told, review.heard.acks())
    assert review.course.positions[0] < 0.1, (told, review.heard.acks())
    assert (review.course.positions[1:] > review.course.positions[:-1]).all()


def assert_all_heard(review: Review) -> None:
    """One answer on a quiet network: whole, with its mouth, acknowledged, and her mouth is shut when it is over."""
    heard = review.heard
    assert_whole(review)
    assert_lips_follow(review)
    assert review.gaps == heard.acks().count("underrun")
    assert (heard.acks()[0], heard.acks()[-1]) == ("playing", "ended")
    assert set(heard.mouths_between(heard.ends_at + 0.120, heard.ends_at + 5)) <= {"sil"}


def codings(heard: Heard) -> list[str]:
    """How the sound of each announced utterance was coded."""
    return [begun["enc"] for begun in heard.told("speech.begin")]


def assert_lips_follow(review: Review) -> None:
    shown = {frame.mouth for frame in review.heard.frames}
    assert len(shown) >= 5
    assert review.lips.wrong_share < 0.2
    assert review.heard.frames[-1].mouth == "sil"


@contextmanager
def theatre(directory: Path, *, quiet: bool = True) -> Iterator[Theatre]:
    """The service, started; limits that protect a real chat are lifted."""
    answers = itertools.cycle(REPLIES)
    with ExitStack() as stack:
        provider = stack.enter_context(ProviderServer(timings=QUICK, sound=coded, answer=lambda _body: next(answers)))
        provider.speech.default = Script(events=True, beside=phoneme_timestamps)
        network = stack.enter_context(Network())
        site = {"SITE_URL": f"http://127.0.0.1:{network.port}"}
        service = Service(directory, provider=provider.base_url, quiet=quiet, extra=site)
        network.target = service.port
        stack.enter_context(service)
        service.lift_limits()
        # A page shows her as soon as she is wanted; what is said to her before she is there, nobody hears.
        until(lambda: runs_of(service), seconds=60)
        yield Theatre(service, provider, network)


def runs_of(service: Service, channel: str = "") -> int:
    """How many runs of this channel (the demo's) have begun to listen so far."""
    said = f"channel {channel or public_id(service.overlay_url)} is live"
    return sum(path.read_text(errors="replace").count(said) for path in service.logs)


async def hear_one(house: Theatre, page: Hearer, *, silence: float = 0.4) -> Heard:
    """She answers one line; everything from the question to so many seconds after the end."""
    house.forget()
    await page.forget()
    await house.ask()
    await page.state("talking")
    await page.state("idle", seconds=60)
    await page.page.wait_for_timeout(silence * 1000)
    return await page.heard()
