"""A channel's data as one zip file: asked for by the broadcaster, made by a worker, deleted after a week."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import secrets
import tempfile
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from channels_app import privacy
from channels_app.actions import Refused, after_commit, record
from channels_app.models import Channel, DataExport, User
from channels_app.privacy import Holding
from channels_app.retention import EXPORT_LIFE
from channels_app.signals import export_wanted

log = logging.getLogger(__name__)

State = DataExport.State
PATIENCE = timedelta(minutes=30)
"""A worker that has not finished after so long is taken for dead, and the file is begun anew."""
A_DAY = 3
"""Exports of a channel within a day."""
NAME = re.compile(r"[0-9a-f]{32}")
AT_ONCE = 500
"""Rows read from the database at a time."""


@transaction.atomic
def ask(channel: Channel, *, acting_user: User, language: str) -> DataExport:
    """An export that a worker begins soon. Raises Refused while one is being made, and after several on one day."""
    lately = DataExport.objects.filter(channel=channel, asked_at__gt=timezone.now() - timedelta(days=1))
    if lately.count() >= A_DAY:
        raise Refused(_("That is enough for today. Your last export can still be downloaded below."))
    try:
        with transaction.atomic():
            export = DataExport.objects.create(channel=channel, asked_by=acting_user, language=language[:8])
    except IntegrityError:
        raise Refused(_("An export is being made already. It appears here when it is ready.")) from None
    record(channel, acting_user, "privacy.export_asked")
    after_commit(partial(export_wanted.send, DataExport, export=export))
    return export


def make_waiting(*, now: datetime | None = None) -> int:
    """Makes what nobody has begun, or a dead worker left. Returns how many."""
    stale = Q(state=State.RUNNING, begun_at__lt=(now or timezone.now()) - PATIENCE)
    waiting = DataExport.objects.filter(Q(state=State.WAITING) | stale)
    return sum(make(pk, now=now) for pk in waiting.values_list("pk", flat=True))


def make(pk: int, *, now: datetime | None = None) -> bool:
    """Makes the file of this export, if nobody else does. False where there was nothing to do.

    What fails is told on its row: whoever asked for it sees it there."""
    begun = now or timezone.now()
    free = Q(state=State.WAITING) | Q(state=State.RUNNING, begun_at__lt=begun - PATIENCE)
    # One conditional UPDATE: of two workers only one makes it.
    claimed = DataExport.objects.filter(free, pk=pk).update(state=State.RUNNING, begun_at=begun, done=0)
    if not claimed:
        return False
    export = DataExport.objects.select_related("channel").get(pk=pk)
    mine = DataExport.objects.filter(pk=pk, state=State.RUNNING, begun_at=begun)
    name = secrets.token_hex(16)
    try:
        with translation.override(export.language):
            size = _write(path_of(name), export.channel, partial(_progress, mine))
    except Exception:
        log.exception("export %s failed", pk)
        mine.update(state=State.FAILED)
        return True
    if not mine.update(state=State.READY, name=name, size=size, ready_at=timezone.now()):
        path_of(name).unlink(missing_ok=True)
    return True


def ready_file(channel: Channel, export_id: int, *, now: datetime | None = None) -> Path | None:
    """The file of an export of this channel; None where there is none, or not any more."""
    young = (now or timezone.now()) - EXPORT_LIFE
    row = DataExport.objects.filter(channel=channel, pk=export_id, state=State.READY, ready_at__gt=young).first()
    path = path_of(row.name) if row is not None else None
    return path if path is not None and path.is_file() else None


def forget_old(*, now: datetime | None = None) -> int:
    """Exports whose week is over, with their files. Returns how many."""
    old = DataExport.objects.filter(asked_at__lt=(now or timezone.now()) - EXPORT_LIFE)
    gone = len([each.delete() for each in old])
    _sweep()
    return gone


def forget_file(instance: DataExport, **_kwargs: Any) -> None:
    """The file goes with its row, whatever deletes the row."""
    if instance.name:
        after_commit(partial(_remove, instance.name))


def path_of(name: str) -> Path:
    """Raises ValueError for what is no name of ours."""
    if not NAME.fullmatch(name):
        raise ValueError(name)
    return _folder() / f"{name}.zip"


def _folder() -> Path:
    return Path(settings.ENV.DATA_DIR) / "exports"


def _remove(name: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        path_of(name).unlink(missing_ok=True)


def _sweep() -> None:
    """Files that no row speaks of: of a worker that died, or of a row that a restored backup does not have."""
    named = {f"{name}.zip" for name in DataExport.objects.exclude(name="").values_list("name", flat=True)}
    limit = timezone.now().timestamp() - PATIENCE.total_seconds()
    for path in _folder().glob("*") if _folder().is_dir() else ():
        with contextlib.suppress(OSError):
            if path.name not in named and path.stat().st_mtime < limit:
                path.unlink()


def _progress(mine: Any, done: int, total: int) -> None:
    mine.update(done=done, total=total)


def _write(path: Path, channel: Channel, progress: Callable[[int, int], None]) -> int:
    """Whole or not at all, readable by its owner only. Returns the size."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            write_zip(file, channel, progress)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path.stat().st_size


def write_zip(file: BinaryIO, channel: Channel, progress: Callable[[int, int], None]) -> None:
    """Everything of the register: `data/<model>.jsonl`, one row a line, `media/`, and a README that explains each."""
    told = [holding for holding in privacy.holdings() if holding.columns]
    counts: dict[str, int] = {}
    progress(0, len(told))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for done, holding in enumerate(told, start=1):
            with archive.open(f"data/{holding.label}.jsonl", "w") as out:
                counts[holding.label] = _write_rows(out, holding, channel)
            for name, place in holding.files(channel) if holding.files else ():
                with contextlib.suppress(FileNotFoundError):
                    # Pictures are compressed already.
                    archive.write(place, f"media/{name}", zipfile.ZIP_STORED)
            progress(done, len(told))
        archive.writestr("README.md", _explanations(channel, told, counts))


def _write_rows(out: Any, holding: Holding, channel: Channel) -> int:
    count = 0
    for row in holding.of_channel(channel).order_by("pk").values(*holding.columns).iterator(chunk_size=AT_ONCE):
        out.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count


def _explanations(channel: Channel, told: list[Holding], counts: dict[str, int]) -> str:
    lines = [
        f"# {channel.display_name}",
        "",
        _("Everything this service keeps about your channel, made on {time} (UTC).").format(
            time=f"{timezone.now():%Y-%m-%d %H:%M}"
        ),
        _("Each file in `data` holds one JSON object a line. Your pictures are in `media`."),
        _("Times are UTC, costs are millionths of a US dollar."),
        "",
    ]
    for holding in told:
        lines += [f"## data/{holding.label}.jsonl", ""]
        lines.append(_("{what}: {count} rows.").format(what=capfirst(holding.what), count=counts[holding.label]))
        lines.append(_("Fields: {fields}.").format(fields=", ".join(holding.columns)))
        reasons: dict[str, list[str]] = {}
        for name, reason in holding.withheld.items():
            reasons.setdefault(str(reason), []).append(name)
        for reason, names in reasons.items():
            lines.append(_("Left out: {fields} ({reason}).").format(fields=", ".join(names), reason=reason))
        lines.append("")
    return "\n".join(lines)
