"""Her memory while she is live: learns in the background from what was heard, and recalls for each answer.

A reply never waits for it longer than `RECALL_SECONDS`. Whatever it needs stands in rows, so a run that dies has
forgotten nothing, and what is erased there is gone here.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence

from django.db import DatabaseError

from billing.models import UsageRecord
from workers import memory_rows, wiring
from workers.brain import memory, vectors
from workers.brain.embeddings import Embeddings, EmbeddingsError
from workers.brain.memory import Known, Remark
from workers.brain.openai_chat import OpenAIBrain
from workers.brain.parts import PromptMessage, Question
from workers.fleet.runtime import in_db
from workers.memory_rows import Fact, Learned, Reading, Shared
from workers.metering import charge
from workers.pipeline.admission import Admission
from workers.pipeline.ports import BrainError, Gate
from workers.pipeline.usage import Meter, Usage
from workers.pipeline.values import Recalled
from workers.records import ChannelFacts

log = logging.getLogger(__name__)

LEARN_SECONDS = 300.0
"""Of activity, after which what was said is read: one call to the model for the summary and the facts."""
MANY = 24
"""Turns that are read at once at most; so many do not wait."""
BEAT = 15.0
ANEW_SECONDS = 60.0
"""Between two calls where something was erased."""
RECALL_SECONDS = 0.25
"""What a reply waits for memory at most; it is nearly always a few milliseconds."""
QUERY_SECONDS = 0.15
"""Of these, for the embedding of what is asked."""
EMBED_SECONDS = 20.0
KNOWN_VERDICTS = 2000
MOST_REFUSALS = 3
"""Times that the model is asked to read the same lines."""
OF_THE_LINES = {"llm_bad_request", "llm_malformed"}
"""Errors that may be the fault of what it is asked to read, and of nothing that passes or is mended."""


class Remembering:
    """One channel's memory in its run."""

    def __init__(
        self, facts: ChannelFacts, gate: Gate, now: Callable[[], float], *, patience: float = RECALL_SECONDS
    ) -> None:
        """`patience`: seconds an answer waits for memory at most."""
        self._now = now
        self._patience = patience
        self._asked_at = 0.0
        self._fresh = True
        """Whether there may be turns that were not read yet."""
        self._heard = 0
        """Turns that were heard by now."""
        self._due_at, self._much_at = 0.0, 0
        """Before this moment there is too little to be read, unless so many turns were heard by then."""
        self.is_saving = False
        """Nothing is learned meanwhile: it would cost something, and can wait."""
        self._used = Meter()
        """What recalling and judging cost since it was last written into the ledger."""
        self.use(facts, gate)

    def use(self, facts: ChannelFacts, gate: Gate) -> None:
        """Other settings from now on."""
        self._facts, self._gate = facts, gate
        self._shared: Shared | None = None
        self._bare = True
        """Whether there may be facts without a vector."""
        self._verdicts: dict[str, bool] = {}
        self._refused: tuple[uuid.UUID | None, int] = (None, 0)
        """The oldest turn of what the model refused to read, and how often."""
        self._model: OpenAIBrain | None = wiring.model_for(facts.providers)
        self._embeddings: Embeddings | None = wiring.embeddings()

    @property
    def has_model(self) -> bool:
        """Whether anything can be learned: the demo brain cannot."""
        return self._model is not None

    def heard(self) -> None:
        """A turn was heard and stands in its row."""
        self._fresh = True
        self._heard += 1

    def changed(self) -> None:
        """What is kept was changed: it is read again for the next answer."""
        self._shared, self._bare, self._fresh, self._due_at = None, True, True, 0.0
        # A summary that was erased is made anew soon, and not for each message that moderators delete.
        self._asked_at = min(self._asked_at, self._now() - LEARN_SECONDS + ANEW_SECONDS)

    # Learning

    async def keep(self) -> None:
        """Runs for as long as the channel does."""
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self.look()
            except DatabaseError as error:
                log.warning("memory of %s waits for the database (%s)", self._facts.public_id, type(error).__name__)
            except Exception:
                # Memory is a help: a fault in it must not end the run.
                log.exception("memory of %s failed and goes on later", self._facts.public_id)
                self._asked_at = self._now()

    async def look(self) -> None:
        """Reads what was said since the last time, where it is time for it, and writes down what was spent aside."""
        await self._settle()
        if not self._facts.remembers or self.is_saving:
            return
        is_enough = self._now() >= self._due_at or self._heard >= self._much_at
        if self._fresh and self._model is not None and is_enough and self._now() >= self._asked_at + LEARN_SECONDS:
            await self._learn(self._model)
            await self._settle()
        await self._embed()

    async def _settle(self) -> None:
        """Into the ledger, for nobody who waits."""
        if (used := self._used.take()) == Usage():
            return
        try:
            await in_db(charge, self._facts.pk, UsageRecord.Kind.MEMORY, f"aside:{uuid.uuid4()}", used)
        except BaseException:
            self._used.add(used)
            raise

    async def _learn(self, model: OpenAIBrain) -> None:
        before = self._heard
        reading = await in_db(memory_rows.unread, self._facts.pk, self._facts.twitch_id, MANY)
        if not reading.remarks:
            self._fresh = False
            await in_db(memory_rows.pass_over, self._facts.pk, reading)
            return
        if len(reading.remarks) < MANY and self._now() < reading.oldest + LEARN_SECONDS:
            self._due_at, self._much_at = reading.oldest + LEARN_SECONDS, before + MANY - len(reading.remarks)
            return
        self._asked_at = self._now() if len(reading.remarks) < MANY else self._now() - LEARN_SECONDS + BEAT
        try:
            text, usage = await model.form(self._question(reading.remarks, reading.earlier))
        except BrainError as error:
            log.warning("nothing is learned on %s for now (%s)", self._facts.public_id, error.code)
            self._asked_at = self._now()
            if error.code in OF_THE_LINES:
                await self._refusal(reading)
            return
        await in_db(charge, self._facts.pk, UsageRecord.Kind.MEMORY, f"memory:{uuid.uuid4()}", usage)
        try:
            summary, found = memory.read_answer(text)
        except ValueError:
            # Asked again the same model would answer the same: these turns stay unlearned.
            log.info("the model's notes on %s were no JSON", self._facts.public_id)
            summary, found = reading.earlier, []
        learned = Learned(await self._fit(summary), await self._fit_facts(found, reading.remarks, reading.names))
        if await in_db(memory_rows.store, self._facts.pk, reading, learned):
            self._shared, self._bare = None, True

    async def _refusal(self, reading: Reading) -> None:
        """Lines that the model refuses each time stay unlearned: they would hold up all that came after them."""
        oldest, before = reading.turns[0], self._refused
        times = before[1] + 1 if before[0] == oldest else 1
        self._refused = (oldest, times)
        if times >= MOST_REFUSALS:
            await in_db(memory_rows.pass_over, self._facts.pk, reading)

    def _question(self, remarks: Sequence[Remark], earlier: str) -> Question:
        language = self._facts.persona.language
        told = PromptMessage("system", memory.instructions(language))
        lines = PromptMessage("user", memory.lines_of(remarks, earlier))
        return Question("notes", (told, lines), memory.SCHEMA, memory.ANSWER_TOKENS)

    async def _fit(self, summary: str) -> str:
        """The summary, where it could be said aloud."""
        return summary if summary and await self._passes(summary) else ""

    async def _fit_facts(
        self, found: Sequence[tuple[int, str]], remarks: Sequence[Remark], names: Sequence[str]
    ) -> list[tuple[Remark, str]]:
        """Of what a model took for facts, those that may be kept."""
        kept = []
        for number, fact in found:
            if not 1 <= number <= len(remarks):
                continue
            remark = remarks[number - 1]
            others = [name for name in names if name.casefold() != remark.chatter_name.casefold()]
            if not memory.why_not(fact, remark, others) and await self._passes(fact):
                kept.append((remark, fact))
        return kept

    async def _passes(self, text: str) -> bool:
        """The same filters as speech, and those for what chatters write."""
        if not self._may_be_told(text):
            return False
        return (await self._gate.moderate(text, self._used)).allowed

    def _may_be_told(self, text: str) -> bool:
        if text not in self._verdicts:
            if len(self._verdicts) >= KNOWN_VERDICTS:
                self._verdicts.clear()
            rules = (self._gate.screen(text, surface="reply"), self._gate.screen(text, surface="chat"))
            self._verdicts[text] = all(verdict.allowed for verdict in rules)
        return self._verdicts[text]

    async def _embed(self) -> None:
        """Vectors for facts that have none of this model."""
        if self._embeddings is None or not self._bare:
            return
        rows = await in_db(memory_rows.without_vector, self._facts.pk, self._embeddings.model)
        self._bare = bool(rows)
        if not rows:
            return
        try:
            found, usage = await self._embeddings.vectors([row.text for row in rows], seconds=EMBED_SECONDS)
        except EmbeddingsError as error:
            log.warning("facts of %s have no vectors yet: %s", self._facts.public_id, error)
            return
        await in_db(charge, self._facts.pk, UsageRecord.Kind.MEMORY, f"vectors:{uuid.uuid4()}", usage)
        made = dict(zip(rows, found, strict=True))
        await in_db(memory_rows.set_vectors, self._facts.pk, self._embeddings.model, made)
        self._shared = None

    # Recalling

    async def recall(self, admitted: Admission) -> Recalled:
        """What she remembers for this answer. Late or without a database it is nothing."""
        if not self._facts.remembers or not admitted.events:
            return Recalled()
        try:
            async with asyncio.timeout(self._patience):
                return await self._recall(admitted)
        except Exception as error:
            log.warning("an answer on %s goes without memory (%s)", self._facts.public_id, type(error).__name__)
            return Recalled()

    async def _recall(self, admitted: Admission) -> Recalled:
        chatters = {event.chatter.id for event in admitted.events} - {""}
        # An answer to several people at once is about none of them.
        chatter = chatters.pop() if len(chatters) == 1 else ""
        known = memory_rows.is_somebody(chatter)
        own = await in_db(memory_rows.facts_of, self._facts.pk, chatter) if known else []
        if self._shared is None:
            self._shared = await in_db(memory_rows.shared, self._facts.pk)
        shared = self._shared
        query = await self._query(admitted.text, [*own, *shared.facts])
        of_chatter, of_channel = self._known(own, query), self._known(shared.facts, query)
        now, many = self._now(), len(of_channel) > memory.CHANNEL_FACTS
        return Recalled(
            summary=shared.summary if self._may_be_told(shared.summary) else "",
            chatter=memory.foremost(of_chatter, admitted.text, now, memory.CHATTER_FACTS, needed=False),
            channel=memory.foremost(of_channel, admitted.text, now, memory.CHANNEL_FACTS, needed=many),
        )

    def _known(self, facts: Sequence[Fact], query: bytes) -> list[Known]:
        """The facts that may be told, each with how near it is to the query."""
        facts = [fact for fact in facts if self._may_be_told(fact.text)]
        if not query:
            return [Known(fact.text, fact.learned_at) for fact in facts]
        near = vectors.cosines(query, [fact.vector for fact in facts])
        return [
            Known(fact.text, fact.learned_at, cosine if fact.vector else None)
            for fact, cosine in zip(facts, near, strict=True)
        ]

    async def _query(self, text: str, facts: Sequence[Fact]) -> bytes:
        """The embedding of what is asked; empty where nothing could be compared with it, or it comes late."""
        if self._embeddings is None or not text or not any(fact.vector for fact in facts):
            return b""
        try:
            found, usage = await self._embeddings.vectors([text], seconds=QUERY_SECONDS)
        except EmbeddingsError:
            return b""
        # Whoever waits for an answer does not wait for the ledger.
        self._used.add(usage)
        return found[0]

    async def told_about(self, chatter_id: str) -> list[str]:
        """The facts about a chatter as she may say them, the newest first."""
        facts = await in_db(memory_rows.facts_of, self._facts.pk, chatter_id)
        return [fact.text for fact in facts if self._may_be_told(fact.text)]

    async def to_tell(self) -> tuple[list[str], str]:
        """Channel facts and the stream's summary, as something to talk about."""
        if not self._facts.remembers:
            return [], ""
        kept = await in_db(memory_rows.shared, self._facts.pk)
        facts = [fact.text for fact in kept.facts if self._may_be_told(fact.text)]
        return facts, kept.summary if kept.summary and self._may_be_told(kept.summary) else ""
