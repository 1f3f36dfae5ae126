"""Whether a version may go live. Its texts decide: how she looks and sounds, and when she answers, needs no check.

Texts that were live before are free to go live again. All others are checked first, and a check that found a fault no
stream should hear keeps them off; what it found only doubtful may be set aside by the broadcaster.
"""

from __future__ import annotations

import contextlib
import enum
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_app.actions import Refused, record
from channels_app.limits import HOUR, within
from channels_app.models import Channel, User
from personas.actions import (
    FIELDS,
    locked,
    publish_kept,
    refuse_overtaken,
    save_persona,
    values_in,
    write_draft,
)
from personas.models import PersonaVersion, VersionReport
from personas.signals import check_priced, check_wanted
from personas.snapshot import draft_of

TOLD = ("name", "description", "style", "language", "card", "lorebook")
"""Fields of a version that the brain is told as texts."""
PATIENCE = timedelta(minutes=4)
"""A check that takes longer has lost its worker; no check takes as long."""
INCOMPLETE = "incomplete"
"""Stands among what is set aside where a check did not come to its end."""


CHECKS_AN_HOUR = 30
"""Of a channel: each asks her model some seventy lines."""


class TooManyChecks(Refused):
    """Where a channel has had its checks for this hour."""

    def __init__(self) -> None:
        told = {"most": CHECKS_AN_HOUR}
        super().__init__(
            _("She was checked %(most)s times within an hour. The texts are kept; check them again a little later.")
            % told
        )


class Standing(enum.StrEnum):
    """What is known of a version's texts."""

    FREE = "free"
    """They were live before."""
    PASSED = "passed"
    DOUBTFUL = "doubtful"
    """Only soft checks failed, or the check did not come to its end and found no fault before."""
    FAILED = "failed"
    CHECKING = "checking"
    UNCHECKED = "unchecked"


def digest(version: PersonaVersion) -> str:
    """The same for the same texts."""
    told = [getattr(version, name) for name in TOLD]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def report_of(version: PersonaVersion) -> VersionReport | None:
    """The newest report on this version, whether it still tells of its texts or not."""
    return VersionReport.objects.filter(version=version).first()


def standing(version: PersonaVersion, *, now: datetime | None = None) -> Standing:
    """What is known of its texts. A report on other texts than they are now counts for nothing."""
    if version.published_at is not None or _was_live(version):
        return Standing.FREE
    report = report_of(version)
    if report is None or report.digest != digest(version) or report.state == VersionReport.State.CANCELLED:
        return Standing.UNCHECKED
    if report.is_open and not is_lost(report, now=now):
        return Standing.CHECKING
    if report.named("hard"):
        return Standing.FAILED
    ended = report.state == VersionReport.State.DONE
    return Standing.PASSED if ended and not report.named("soft") else Standing.DOUBTFUL


def is_lost(report: VersionReport, *, now: datetime | None = None) -> bool:
    """Whether nobody works on it any more, though it says so."""
    return report.is_open and (now or timezone.now()) - report.created_at > PATIENCE


def offer(
    channel: Channel,
    *,
    acting_user: User | None,
    values: Mapping[str, Any],
    number: int | None = None,
    read: Mapping[str, Any] | None = None,
) -> PersonaVersion:
    """Saves these values and lets them go live as soon as they may. `number` is that of the draft they change.

    What is live at once comes back as live; else a draft, whose check has begun unless there were too many of late.
    Raises Refused as `write_draft` does, and Overtaken where what was `read` there stands there no more.
    """
    laid = lay_down(channel, acting_user=acting_user, values=values, number=number, read=read)
    return checked(laid, acting_user=acting_user)


@transaction.atomic
def lay_down(
    channel: Channel,
    *,
    acting_user: User | None,
    values: Mapping[str, Any],
    number: int | None = None,
    read: Mapping[str, Any] | None = None,
) -> PersonaVersion:
    """The part of `offer` that is one write: a draft, or a version that is live where no check is needed."""
    persona = locked(channel)
    refuse_overtaken(persona, number, read or {})
    if number is None:
        live = persona.published
        base = values_in(live) if live else {}
        wanted = base | {name: values[name] for name in FIELDS if name in values}
        if live is None or wanted == base or _was_live(PersonaVersion(channel=channel, persona=persona, **wanted)):
            return save_persona(channel, acting_user=acting_user, values=dict(values))
    draft = write_draft(channel, acting_user=acting_user, values=dict(values), number=number)
    if standing(draft) in (Standing.FREE, Standing.PASSED):
        return publish_kept(channel, acting_user=acting_user, number=draft.number)
    return draft


def checked(version: PersonaVersion, *, acting_user: User | None) -> PersonaVersion:
    """The same version after its check has begun, and with a script has ended. It may ask models: in no transaction."""
    if version.published_at is None:
        with contextlib.suppress(TooManyChecks):
            begin_check(version, acting_user=acting_user, publishes=True)
        version.refresh_from_db()
    return version


@transaction.atomic
def publish_checked(
    channel: Channel, *, acting_user: User | None, number: int, set_aside: bool = False
) -> PersonaVersion:
    """Makes a draft live, if it may. With `set_aside` hints do not hold it back, and the audit log says which.

    Raises Refused with what stands in the way.
    """
    # Whoever changes the texts waits for this lock: what is published is what was looked at.
    locked(channel)
    draft = draft_of(channel, number)
    if draft is None:
        raise Refused(_("That draft is not there any more."))
    despite: list[str] = []
    match standing(draft):
        case Standing.FAILED:
            raise Refused(_("The check found faults that keep this version off the air. Mend them and check it again."))
        case Standing.CHECKING:
            raise Refused(_("She is still being checked."))
        case Standing.UNCHECKED:
            raise Refused(_("This version has not been checked yet."))
        case Standing.DOUBTFUL:
            if not set_aside:
                raise Refused(_("The check has hints. Look at them first."))
            report = report_of(draft)
            assert report is not None
            despite = [*report.named("soft"), *([] if report.state == VersionReport.State.DONE else [INCOMPLETE])]
    return publish_kept(channel, acting_user=acting_user, number=number, despite=despite)


def begin_check(version: PersonaVersion, *, acting_user: User | None, publishes: bool = False) -> VersionReport:
    """A new report on the version in place of what was found before.

    One that is being made is left to its end, and then publishes too where this is asked for now. Raises TooManyChecks.
    """
    may_begin = _may_begin(version)
    with transaction.atomic():
        persona = locked(version.channel)
        now = PersonaVersion.objects.filter(pk=version.pk).first()
        if now is None:
            raise Refused(_("That draft is not there any more."))
        report = _under_way(now)
        if begins := report is None:
            if not may_begin:
                raise TooManyChecks
            VersionReport.objects.filter(version=now).delete()
            report = VersionReport(channel_id=now.channel_id, version=now, digest=digest(now))
        if begins or publishes:
            report.asked_by, report.publishes, report.instead_of = acting_user, publishes, persona.published_id
            report.save(update_fields=None if begins else ["asked_by", "publishes", "instead_of"])
    if begins:
        check_wanted.send(VersionReport, report=report)
    else:
        # It may have ended before it was told that it publishes.
        settle(report)
    return report


def _may_begin(version: PersonaVersion) -> bool:
    """Counts a check that costs, unless one of these texts is being made. Not under the lock: it asks Redis."""
    # The types of Django's signals know of no answers but text.
    told: list[tuple[Any, Any]] = check_priced.send(PersonaVersion, channel=version.channel)
    if not any(costs for _receiver, costs in told) or _under_way(version) is not None:
        return True
    return within("check", version.channel_id, CHECKS_AN_HOUR, HOUR)


def _under_way(version: PersonaVersion) -> VersionReport | None:
    """The check of these texts that is being made."""
    report = report_of(version)
    open_now = report is not None and report.is_open and not is_lost(report)
    return report if report is not None and open_now and report.digest == digest(version) else None


def cancel_check(version: PersonaVersion, *, acting_user: User | None) -> bool:
    """Ends the check that is being made, before its next lines are asked. Returns whether there was one."""
    open_ones = VersionReport.objects.filter(
        version=version, state__in=(VersionReport.State.WAITING, VersionReport.State.RUNNING)
    )
    if not open_ones.update(state=VersionReport.State.CANCELLED, ended_at=timezone.now()):
        return False
    record(version.channel, acting_user, "persona.check_cancelled", number=version.number)
    return True


@transaction.atomic
def settle(report: VersionReport) -> bool:
    """After a check has ended: the version goes live where that was asked for and nothing stands against it."""
    channel = Channel.objects.get(pk=report.channel_id)
    persona = locked(channel)
    now = VersionReport.objects.filter(pk=report.pk).select_related("version", "asked_by").first()
    if now is None or not now.publishes or persona.published_id != now.instead_of:
        return False
    version = now.version
    if version.published_at is not None or standing(version) is not Standing.PASSED:
        return False
    publish_kept(channel, acting_user=now.asked_by, number=version.number)
    return True


def _was_live(version: PersonaVersion) -> bool:
    """Whether a version with the very same texts was published before."""
    plain = {name: getattr(version, name) for name in TOLD if name not in ("card", "lorebook")}
    same = PersonaVersion.objects.filter(persona=version.persona, published_at__isnull=False, **plain)
    return any((each.card, each.lorebook) == (version.card, version.lorebook) for each in same.exclude(pk=version.pk))
