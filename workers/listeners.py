"""What the line's rooms answer when the rooms below ask."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

from celery import current_app

from channels_app.models import Channel, DataExport
from channels_app.screening import Objection
from personas.models import VersionReport

log = logging.getLogger(__name__)

EXPORT_TASK_LIFE = 60
"""Seconds in which a live worker must take it; the periodic pass comes sooner."""
HARD = "lexicon.tier1."
"""Rules that hold on every channel."""
LONGEST_PART = 1000
OVERLAP = 80
"""Characters that two parts of a long text share, so that no words are cut apart."""


def judge_text(channel: Channel, text: str, **_kwargs: Any) -> Objection | None:
    """What the channel's rules find in a text of any length, as if she said it; hard rules first."""
    # Here and not above: the providers' clients behind it are loaded by every command that starts Django.
    from workers.wiring import rules_of

    gate = rules_of(channel)
    verdicts = (gate.screen(part, surface="reply") for part in _parts(text))
    found = [
        Objection(verdict.rule_id, verdict.evidence, verdict.rule_id.startswith(HARD))
        for verdict in verdicts
        if not verdict.allowed
    ]
    return max(found, key=lambda each: each.is_hard, default=None)


def ending_notices(channel: Channel, is_owner: bool, **_kwargs: Any) -> list[dict[str, str]]:
    """Models of the channel that were switched off by their provider, or soon will be."""
    if not is_owner:
        return []
    from workers.checks import terms
    from workers.checks.finding import Status

    levels = {Status.FAULT: "bad", Status.WARN: "warn"}
    found = terms.endings(channel.pk, time.time())
    return [{"level": levels[each.status], "text": each.what, "todo": each.mend} for each in found]


def check_version(report: VersionReport, **_kwargs: Any) -> None:
    """A version waits to be checked."""
    from workers import preflight

    preflight.begin(report)


def is_check_priced(channel: Channel, **_kwargs: Any) -> bool:
    """A check of the channel's texts is about to begin."""
    from workers import preflight

    return preflight.asks_a_model(channel.pk)


def begin_export(export: DataExport, **_kwargs: Any) -> None:
    """Somebody wants a channel's data: a live worker makes the file. A message that is lost is made up for."""
    try:
        current_app.send_task("make_export", (export.pk,), queue="live", expires=EXPORT_TASK_LIFE)
    except Exception as error:
        log.warning("export %s waits for the next pass (%s)", export.pk, type(error).__name__)


def is_carried_out(channel: Channel, **_kwargs: Any) -> bool:
    """Whether a worker that lives holds the channel's run."""
    from workers.fleet.lease import owned
    from workers.models import Run

    return Run.objects.filter(owned(), channel=channel).exists()


def _parts(text: str) -> Iterator[str]:
    """The lines of a text, since a sentence seldom goes over several, and long ones in pieces."""
    for line in text.splitlines():
        for begin in range(0, max(1, len(line)), LONGEST_PART - OVERLAP):
            yield line[begin : begin + LONGEST_PART]
