"""A stretch of stream against a provider that bills: what she was charged, and what her own meter says it cost."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass, field, replace
from functools import partial

from benchmarks.replies import varied
from channels_app.outbound import tls_context
from tests.fakes.provider import ProviderServer, Recorded, Till, Timings, slow
from workers.brain.capabilities import OPENAI_HOST, Capabilities, CapabilityBook, guess
from workers.brain.catalogue import Price, price
from workers.brain.endpoint import ChatEndpoint, Deadlines
from workers.brain.http_client import shared_http_client
from workers.brain.meter import Experience
from workers.brain.openai_chat import OpenAIBrain
from workers.pipeline.sentences import SentenceReader
from workers.pipeline.usage import Meter
from workers.pipeline.values import Chatter, EventKind, Exchange, PersonaSnapshot, ReplyRequest, StreamEvent, Usage
from workers.safety.judge import Judge

DEFAULT_MODEL = "gpt-6-luna"
CONTEXT_TURNS = 50
CUT_AFTER = 25
"""Characters after which an interrupted reply is hung up on."""
PACE = Timings(first_token=0.01, tokens_per_second=150)
"""Of replies that are interrupted: slow enough to be in the middle."""

_ABOUT = (
    "She keeps a lighthouse that somebody built on top of a skyscraper, and treats every stream as a night watch. "
    "She collects lost umbrellas, names each of them, and tells their stories as if she had been there. "
    "She is quick, warm and a little vain about her knots; she teases, and never below the belt. "
    "She loves old radio plays, bad weather, card tricks she cannot do, and soup in any form. "
    "She is afraid of pigeons, which she calls the auditors, and will not say why. "
)
PERSONA = PersonaSnapshot(
    version_id=1,
    name="Mira",
    description=" ".join([_ABOUT] * 6),
    style="Short, dry, musical sentences. She answers the person first and the question second. " * 3,
    language="en",
)
"""About as long as the personas of the setup guide with some knowledge: what is cached is most of the prompt."""
QUESTIONS = (
    "Mira, what would you have for dinner tonight?", "is the boss beatable at this level?", "hi Mira! first time here",
    "what do you think about speedruns?", "Mira tell me something about umbrellas", "can you do a card trick",
    "do pigeons scare you?", "how is the weather up there?", "favourite radio play?", "Mira we missed you yesterday",
)  # fmt: skip


class LikeOpenAI(CapabilityBook):
    """Sends to the provider on loopback what OpenAI would be sent: it caches and bills like it."""

    def of(self, endpoint: ChatEndpoint) -> Capabilities:
        return guess(replace(endpoint, base_url=f"https://{OPENAI_HOST}/v1"))


@dataclass(frozen=True, slots=True)
class Stream:
    """What was asked of her: `interrupted` is the share of replies that are cut off in the middle."""

    minutes: float = 30.0
    replies_per_minute: float = 4.0
    interrupted: float = 0.1
    model: str = DEFAULT_MODEL
    judged: bool = False
    """Whether the same provider judges each sentence, too."""
    seed: int = 1


@dataclass(slots=True)
class Spent:
    """`usages` are what her meter says of each reply; `till` is the provider's bill."""

    till: Till
    usages: list[Usage] = field(default_factory=list)
    characters: int = 0
    interrupted: int = 0

    @property
    def metered_micros(self) -> int:
        return sum(usage.cost_micros for usage in self.usages)

    @property
    def error(self) -> float:
        """How far the meter is from the bill, as a share of the bill."""
        return abs(self.metered_micros - self.till.micros) / self.till.micros


def price_of(model: str) -> Price:
    """What OpenAI asks. Raises LookupError for a model nobody knows."""
    known = price(OPENAI_HOST, model)
    if known is None:
        raise LookupError(f"The price of {model} is not known.")
    return known


async def replay(stream: Stream) -> Spent:
    """The whole stream, as fast as it goes; the provider's cache ages as the stream does."""
    chance = random.Random(stream.seed)
    now = 0.0
    cost = price_of(stream.model)
    till = Till((cost.input, cost.cached, cost.write, cost.output), now=lambda: now)
    spent = Spent(till)
    history: list[Exchange] = []
    with ProviderServer(till=till, answer=lambda body: varied(str(chance.random()))) as server:
        async with shared_http_client(trusted=tls_context()) as client:
            endpoint = ChatEndpoint(server.base_url, "key", stream.model, price=cost)
            patient = Deadlines(first_token=30, between_tokens=30, total=60)
            brain = OpenAIBrain(
                endpoint, client, book=LikeOpenAI(), experience=Experience(), deadlines=patient, identifier_salt=b"s"
            )
            judge = Judge(endpoint, client)
            for number in range(round(stream.minutes * stream.replies_per_minute)):
                now = number * 60 / stream.replies_per_minute
                cut = chance.random() < stream.interrupted
                if cut:
                    server.chat.queue(slow(PACE))
                request = _request(number, history, chance)
                made = brain.reply(request)
                text = ""
                async with contextlib.aclosing(aiter(made)) as deltas:
                    async for delta in deltas:
                        text += delta
                        if cut and len(text) > CUT_AFTER:
                            break
                if cut:
                    # The provider learns a moment later that nobody listens, and bills until then.
                    last = server.requests[-1]
                    await server.until(partial(_is_over, last), seconds=30)
                judging = Meter()
                if stream.judged:
                    for sentence in _sentences(text):
                        await judge.judge(sentence, judging)
                spent.usages.append(made.usage + judging.usage)
                spent.interrupted += cut
                spent.characters += len(text)
                event = request.events[0]
                history.append(Exchange(event.chatter.id, event.chatter.name, event.text, text))
                del history[:-CONTEXT_TURNS]
    return spent


def _is_over(asked: Recorded) -> bool:
    return asked.cancelled_at is not None or asked.finished_at is not None


def _sentences(text: str) -> list[str]:
    reader = SentenceReader(PERSONA.name)
    return [sentence.text for sentence in (*reader.feed(text), *reader.finish())]


def _request(number: int, history: list[Exchange], chance: random.Random) -> ReplyRequest:
    who = chance.randrange(40)
    chatter = Chatter(id=str(who), name=f"viewer{who}")
    event = StreamEvent(f"e{number}", EventKind.MESSAGE, chatter, chance.choice(QUESTIONS), float(number))
    return ReplyRequest("c1", "Streamy", PERSONA, (event,), tuple(history), "en")
