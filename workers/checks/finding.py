"""What a check says, and what it is about."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Status(enum.StrEnum):
    """How it stands. Only a fault keeps her off the air."""

    OK = "ok"
    WARN = "warn"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that is looked at: the group it is shown in, and its name."""

    group: str
    title: str | Promise


GROUPS: dict[str, str | Promise] = {
    "machine": _("This machine"),
    "services": _("The processes"),
    "twitch": _("Twitch"),
    "providers": _("Mind and voice"),
    "show": _("The show"),
}
SUBJECTS = {
    "python": Subject("machine", _("Python")),
    "data_dir": Subject("machine", _("Data directory")),
    "disk": Subject("machine", _("Disk space")),
    "clock": Subject("machine", _("Clock")),
    "settings": Subject("machine", _("Settings")),
    "kept_keys": Subject("machine", _("Keys")),
    "front_end": Subject("machine", _("Front end")),
    "built_in_voices": Subject("machine", _("Built-in voices")),
    "database": Subject("services", _("Database")),
    "migrations": Subject("services", _("Migrations")),
    "redis": Subject("services", _("Redis")),
    "broker": Subject("services", _("Broker")),
    "port": Subject("services", _("Web address")),
    "workers": Subject("services", _("Live workers")),
    "control": Subject("services", _("Control worker")),
    "gateway": Subject("services", _("Chat gateway")),
    "twitch_keys": Subject("twitch", _("Twitch application")),
    "redirect": Subject("twitch", _("Redirect URL")),
    "eventsub": Subject("twitch", _("EventSub connection")),
    "sign_in": Subject("twitch", _("Sign-in")),
    "scopes": Subject("twitch", _("Permissions")),
    "subscriptions": Subject("twitch", _("EventSub subscriptions")),
    "llm": Subject("providers", _("Language model")),
    "speech": Subject("providers", _("Voice")),
    "moderation": Subject("providers", _("Moderation")),
    "judge": Subject("providers", _("Judge")),
    "channel": Subject("show", _("Channel")),
    "persona": Subject("show", _("Persona")),
    "overlay": Subject("show", _("Overlay")),
    "sound": Subject("show", _("Sound")),
    "engine": Subject("show", _("OBS browser")),
    "frames": Subject("show", _("Smoothness")),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer. `what` is what was seen, `mend` what to do about it; `detail` is figures. Never a secret."""

    id: str
    title: str
    status: Status
    what: str
    mend: str = ""
    detail: str = ""

    @property
    def group(self) -> str:
        return SUBJECTS[self.id].group

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"group": self.group}


Found = Iterator[Finding]
Check = Callable[..., Found]


def ok(subject: str, what: str, mend: str = "", *, detail: str = "") -> Finding:
    return Finding(subject, str(SUBJECTS[subject].title), Status.OK, what, mend, detail)


def warn(subject: str, what: str, mend: str, *, detail: str = "") -> Finding:
    return Finding(subject, str(SUBJECTS[subject].title), Status.WARN, what, mend, detail)


def fault(subject: str, what: str, mend: str, *, detail: str = "") -> Finding:
    return Finding(subject, str(SUBJECTS[subject].title), Status.FAULT, what, mend, detail)
