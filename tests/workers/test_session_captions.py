"""The words of a live channel's captions: told with the sound, whichever voice speaks."""

from __future__ import annotations

import pytest

from channels_app.models import Channel
from tests.fakes.provider import ProviderServer, reply
from tests.live import Utterance, live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]

REPLY = "Hello my dear friend, it is nice of you to come by. I have 3 cats."


async def heard(stage: Channel) -> Utterance:
    async with live(stage) as channel:
        await channel.say("!ai hello")
        await channel.settled()
    return channel.show.utterances[0]


def assert_timed(utterance: Utterance) -> None:
    """Every sentence has its words, which begin in their order and inside the sound."""
    assert len(utterance.words) == len(utterance.sentences)
    before = -1.0
    for (begin, told), sentence in zip(sorted(utterance.words.items()), utterance.sentences, strict=True):
        assert [sentence[int(at) :].split()[0] for at, _ms in told] == sentence.split()
        times = [ms for _at, ms in told]
        assert times == sorted(times)
        assert begin <= times[0] <= begin + 600
        assert times[0] > before
        before = times[-1]
    assert before < utterance.seconds * 1000


async def test_the_built_in_voice_tells_them_itself(stage: Channel) -> None:
    assert_timed(await heard(stage))


async def test_for_a_provider_that_tells_none_they_are_estimated(stage: Channel, provider: ProviderServer) -> None:
    provider.chat.queue(reply(REPLY))
    utterance = await heard(stage)
    assert " ".join(utterance.sentences) == REPLY
    assert_timed(utterance)
