"""The check of a version before it goes live: she is asked, her answers are judged, a report says what came of it.

A script that answers without a network is asked at once; a provider in a task, with progress, a deadline and a cancel.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from celery import current_app
from django.utils import timezone

from billing.models import UsageRecord
from channels_app.actions import after_commit
from personas import publishing
from personas.character import character
from personas.models import PersonaVersion, VersionReport
from personas.snapshot import snapshot_of
from workers import wiring
from workers.brain.prompt import rules_text
from workers.brain.scripted import LABEL, ScriptedBrain
from workers.metering import charge
from workers.pipeline.usage import Meter, Usage
from workers.records import ChannelFacts, facts_of, providers_of
from workers.rehearsal import answer, judge, lines
from workers.rehearsal.unwatched import EmptyStage
from workers.safety.judge import UNAVAILABLE
from workers.safety.leaks import Instructions

log = logging.getLogger(__name__)

AT_ONCE = 6
"""Lines she is asked at the same time: quick, and no burst that providers refuse."""
DEADLINE = 150.0
"""Seconds for all lines together; within `publishing.PATIENCE`, after which nobody waits for a report any more."""
ANSWER_WITHIN = 20.0
"""Seconds for one line."""
FAILED_ROUNDS = 2
"""Rounds in a row in which no line was answered, after which the provider is taken for dead."""
MOST_UNANSWERED = 0.1
"""Share of lines without an answer from which on a report is incomplete."""
TASK_LIFE = 60
"""Seconds in which a live worker must take the task."""
NO_WORKER = "No live worker took the check. See that the workers run, and check again."
SPENT = "A ceiling on what she may spend is used up. Raise yours, or wait until it ends."
TOO_SLOW = "The language model was too slow to answer all lines in time."


def begin(report: VersionReport) -> None:
    """Whoever asks for a check of a script gets it done on return."""
    if not asks_a_model(report.channel_id):
        run(report.pk)
        return

    def send() -> None:
        try:
            current_app.send_task("check_version", (report.pk,), queue="live", expires=TASK_LIFE)
        except Exception:
            log.exception("the check of a version could not be handed to a worker")
            _close(report.pk, VersionReport.State.INCOMPLETE, problem=NO_WORKER)

    after_commit(send)


def asks_a_model(channel_pk: int) -> bool:
    """Whether a check of this channel goes to any provider, or to the script alone."""
    own = providers_of(channel_pk)
    return any(wiring.provider_for(kind, own) for kind in ("llm", "moderation", "judge"))


def run(report_pk: int, *, clock: Callable[[], float] = time.monotonic, course: Sequence[lines.AskedLine] = ()) -> None:
    """Carries the check out, if it still waits, and lets the version go live where that was asked for and it passed.

    `course` is asked in place of the lines there are for her.
    """
    claimed = VersionReport.objects.filter(pk=report_pk, state=VersionReport.State.WAITING)
    report = VersionReport.objects.select_related("version", "channel").filter(pk=report_pk).first()
    if report is None or not claimed.update(state=VersionReport.State.RUNNING, begun_at=timezone.now()):
        return
    if report.digest != publishing.digest(report.version):
        # The texts were changed while it waited: what is found now is nothing this report could tell.
        _close(report_pk, VersionReport.State.CANCELLED)
        return
    try:
        _check(report, clock, course or course_for(report.version))
    except Exception as error:
        log.exception("the check of a version failed")
        _close(report_pk, VersionReport.State.INCOMPLETE, problem=f"internal error: {type(error).__name__}")


def course_for(version: PersonaVersion) -> tuple[lines.AskedLine, ...]:
    """What a version is asked: everything where a model answers, less where a script does."""
    model = wiring.provider_for("llm", providers_of(version.channel_id))
    return lines.lines_for(version.language) if model else lines.few_for(version.language)


def _check(report: VersionReport, clock: Callable[[], float], asked: Sequence[lines.AskedLine]) -> None:
    version = report.version
    facts = facts_of(report.channel, snapshot_of(report.channel, version))
    known = _known(version)
    provider = wiring.provider_for("llm", facts.providers)
    script = ScriptedBrain(sleep=_at_once)
    label = provider.model if provider else LABEL
    VersionReport.objects.filter(pk=report.pk).update(total=len(asked), brain=label[:120])
    rows: list[judge.Judged] = []
    agreed: dict[str, bool] = {}
    comparing = Meter()
    problem, dead = "", 0
    until = clock() + DEADLINE
    with asyncio.Runner() as runner:
        try:
            for begin_at in range(0, len(asked), AT_ONCE):
                batch = asked[begin_at : begin_at + AT_ONCE]
                if not _goes_on(report.pk, rows):
                    break
                if provider and wiring.is_spent(report.channel, facts.providers):
                    problem = SPENT
                    break
                if clock() > until:
                    problem = TOO_SLOW
                    break
                answers = runner.run(_ask(facts, batch, script))
                rows += [judge.judge(line, given, known) for line, given in zip(batch, answers, strict=True)]
                dead = dead + 1 if all(given.fault for given in answers) else 0
                if dead == FAILED_ROUNDS:
                    problem = answers[0].fault
                    break
            else:
                if _goes_on(report.pk, rows):
                    agreed = runner.run(_agreements(facts, rows, known, comparing))
            rows = judge.compared(rows, known, agreed)
        finally:
            # Whatever stopped it: what was asked has cost something.
            charge(report.channel_id, UsageRecord.Kind.REHEARSAL, f"check:{report.pk}", _usage(rows) + comparing.usage)
            runner.run(wiring.close_clients())
    faults = [row.answer.fault for row in rows if row.answer.fault]
    if not problem and len(faults) > MOST_UNANSWERED * len(asked):
        problem = faults[0]
    _write(report.pk, rows, _usage(rows) + comparing.usage)
    if _close(report.pk, VersionReport.State.INCOMPLETE if problem else VersionReport.State.DONE, problem=problem):
        publishing.settle(VersionReport.objects.get(pk=report.pk))


async def _ask(facts: ChannelFacts, batch: Sequence[lines.AskedLine], script: ScriptedBrain) -> list[answer.Answer]:
    """A round of lines, each before a gate that has seen nothing else.

    Her first model alone is asked: what a spare says tells nothing of it, and its trouble is no other channel's.
    """
    brain = wiring.first_brain_for(facts.providers) or script

    async def one(asked: lines.AskedLine) -> answer.Answer:
        line = wiring.line_for(facts, EmptyStage(), time.time, brain=brain)
        return await answer.answer(line, asked.text, within=ANSWER_WITHIN)

    return list(await asyncio.gather(*map(one, batch)))


async def _agreements(
    facts: ChannelFacts, rows: Sequence[judge.Judged], known: judge.Told, meter: Meter
) -> dict[str, bool]:
    """What a judge says of her answers to each subject she was asked of again; what it does not answer is left out."""
    asked = wiring.consistency_judge_for(facts.providers)
    if asked is None:
        return {}
    subjects = judge.asked_again(rows)
    verdicts = await asyncio.gather(
        *(asked.judge(judge.for_the_judge(group, known), meter) for group in subjects.values())
    )
    given = zip(subjects, verdicts, strict=True)
    return {subject: verdict.allowed for subject, verdict in given if verdict.rule_id != UNAVAILABLE}


def _known(version: PersonaVersion) -> judge.Told:
    card = character(version)
    instructions = (rules_text(), card.get("system_prompt", ""), card.get("post_history", ""))
    names = (version.name, version.name.split(" ")[0], card.get("nickname", ""), *version.nicknames)
    stated = "\n".join((version.description, card.get("personality", ""), card.get("scenario", "")))
    return judge.Told(Instructions(instructions), names, stated)


def _goes_on(report_pk: int, rows: Sequence[judge.Judged]) -> bool:
    """Notes how far it is; False once it was cancelled or another check stands in its place."""
    still = VersionReport.objects.filter(pk=report_pk, state=VersionReport.State.RUNNING)
    return bool(still.update(done=len(rows)))


def _write(report_pk: int, rows: Sequence[judge.Judged], usage: Usage) -> None:
    VersionReport.objects.filter(pk=report_pk).update(
        done=len(rows),
        lines=[row.as_row() for row in rows],
        checks=[check.as_row() for check in judge.checks(rows)],
        cost_micros=usage.cost_micros,
    )


def _close(report_pk: int, state: VersionReport.State, *, problem: str = "") -> bool:
    """Ends it, unless it was cancelled meanwhile. Returns whether it was this that ended it."""
    still = VersionReport.objects.filter(
        pk=report_pk, state__in=(VersionReport.State.WAITING, VersionReport.State.RUNNING)
    )
    return bool(still.update(state=state, problem=problem[:300], ended_at=timezone.now()))


def _usage(rows: Sequence[judge.Judged]) -> Usage:
    return sum((row.answer.usage for row in rows), Usage())


async def _at_once(_seconds: float) -> None:
    """A script need not pretend to think."""
