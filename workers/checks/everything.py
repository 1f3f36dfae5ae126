"""All checks in one go: those on this machine in turn, those that wait for the network side by side."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from channels_app.models import Channel
from workers.checks import machine, providers, services, show, twitch
from workers.checks.finding import SUBJECTS, Check, Finding, Status, fault
from workers.checks.surroundings import Surroundings, collect

log = logging.getLogger(__name__)

LOCAL: tuple[Check, ...] = (*machine.LOCAL, *services.LOCAL, *twitch.LOCAL, *show.LOCAL)
REMOTE: tuple[Check, ...] = (*machine.REMOTE, *services.REMOTE, *twitch.REMOTE, *providers.REMOTE)


def check_all(channel: Channel | None, **ways: Any) -> list[Finding]:
    """Every finding about this set-up and, where one is given, this channel; in the order of `SUBJECTS`.

    `ways` replace `now`, `disk_free`, `python` or `wait` of the surroundings. Takes about 5 s at most.
    """
    around = collect(channel, **ways)
    with ThreadPoolExecutor(len(REMOTE), thread_name_prefix="check") as threads:
        # A thread begins in the default language, whatever context it is given.
        language = translation.get_language()
        asked = [threads.submit(_look_in, language, check, around) for check in REMOTE]
        findings = [finding for check in _local(around) for finding in _look(check, around)]
        findings += [finding for answer in asked for finding in answer.result()]
    order = list(SUBJECTS)
    return sorted(findings, key=lambda finding: order.index(finding.id))


def all_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing keeps her off the air."""
    return not any(finding.status is Status.FAULT for finding in findings)


def _local(around: Surroundings) -> Sequence[Check]:
    """Without a database the rest of what it would tell is unknown."""
    return (*machine.LOCAL, services.database) if around.database_problem else LOCAL


def _look_in(language: str | None, check: Check, around: Surroundings) -> list[Finding]:
    """What one check finds, told in this language."""
    with translation.override(language):
        return _look(check, around)


def _look(check: Check, around: Surroundings) -> list[Finding]:
    """What one check finds (its name is a subject). One that breaks says so and does not take the others with it."""
    try:
        return list(check(around))
    except Exception as problem:
        log.exception("the check %s broke", check.__name__)
        what = _("This could not be checked ({reason}).").format(reason=type(problem).__name__)
        return [fault(check.__name__, what, _("The reason stands in the log. Please report it."))]
