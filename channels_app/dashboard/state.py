"""What the dashboard shows of a channel: plain values for the socket, the API and the templates alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from channels_app import queries
from channels_app.dashboard.forms import TalkForm
from channels_app.models import Channel, DesiredState, OverlayPresence
from channels_app.signals import notices_asked
from channels_app.templatetags.words import occasion

LEVELS = ("bad", "warn", "info")
"""Of notices, the most urgent first."""
BARS = (
    ("picked", "wait"),
    ("first_token", "think"),
    ("first_sentence", "write"),
    ("approved", "approve"),
    ("first_audio", "voice"),
    ("released", "delay"),
    ("playing", "send"),
)
"""Timing marks of a turn in their order, and what the time before each was spent on."""

FIRST_SOUND = "first_sound"
"""Beside the stages: from her beginning to answer to the first sound, without what moderators took."""


def present(channel: Channel) -> dict[str, Any]:
    """The channel as it is now. Her exact state comes from the run and follows over the socket."""
    overlays = list(queries.connected_overlays(channel))
    shows = [page for page in overlays if not page.is_preview]
    return {
        "t": "state",
        "state": resting_state(channel),
        "desired": channel.desired_state,
        "panic": channel.panic_since is not None,
        "suspended": channel.is_suspended,
        "reauthorise": channel.reauthorise_since is not None,
        "online": channel.stream_online,
        "overlays": len(shows),
        "previews": len(overlays) - len(shows),
        "audible": any(page.audible for page in overlays),
    }


def resting_state(channel: Channel) -> str:
    """What she does when nobody told otherwise."""
    if channel.panic_since is not None:
        return "muted"
    return "idle" if channel.desired_state == DesiredState.RUNNING else "offline"


def state_labels() -> dict[str, str]:
    """The states of the overlay in the reader's language."""
    return {
        "idle": _("Live, waiting for chat"),
        "listening": _("Listening"),
        "thinking": _("Thinking"),
        "talking": _("Talking"),
        "muted": _("Silenced"),
        "offline": _("Not live"),
    }


def overlay_rows(channel: Channel) -> list[dict[str, Any]]:
    """The connected pages, the one that plays the sound first."""
    pages = sorted(queries.connected_overlays(channel), key=lambda page: (page.is_preview, page.connected_at))
    return [overlay_row(channel, page) for page in pages]


def overlay_row(channel: Channel, page: OverlayPresence) -> dict[str, Any]:
    """One connected page in short."""
    owns_sound = page.connection == channel.audio_owner
    breaks = page.underruns + page.gaps
    return {
        "label": _label(page),
        "audible": page.audible,
        "owns_sound": owns_sound,
        "light": "good" if owns_sound and page.audible else "warn" if owns_sound else "",
        "visible": page.visible,
        "active": page.active,
        "breaks": breaks,
        "fps": round(page.fps) if page.fps else None,
        "seen_seconds": max(0, round((timezone.now() - page.seen_at).total_seconds())),
    }


def _label(page: OverlayPresence) -> str:
    if page.is_preview:
        return _("this preview")
    return f"OBS {page.program_version}".strip() if page.obs_version else _("browser")


def notices(channel: Channel, *, is_owner: bool) -> list[dict[str, str]]:
    """What stands in the way or should be known, most urgent first: level, text, and what to do."""
    found: list[dict[str, str]] = []
    if channel.is_suspended:
        found.append({
            "level": "bad",
            "text": _("This channel is suspended."),
            "todo": channel.suspended_reason or _("Write to support to have it looked at."),
        })  # fmt: skip
    if channel.reauthorise_since is not None:
        found.append({
            "level": "bad",
            "text": _("Twitch took our permission back."),
            "todo": _("Sign in with Twitch again, and she can read chat again.")
            if is_owner
            else _("The broadcaster has to sign in with Twitch again."),
            "action": "reauthorise" if is_owner else "",
        })  # fmt: skip
    if channel.panic_since is not None:
        found.append({
            "level": "bad",
            "text": _("She is silenced."),
            "todo": _("Nothing is spoken until somebody lifts the silence."),
        })  # fmt: skip
    elif channel.desired_state == DesiredState.RUNNING and not queries.connected_overlays(channel).exists():
        found.append({
            "level": "warn",
            "text": _("No overlay is connected."),
            "todo": _("Nothing is spoken until you open the overlay in OBS or click for sound in the preview."),
        })  # fmt: skip
    if not settings.ENV.has_llm and not channel.providers.filter(kind="llm").exists():
        found.append({
            "level": "info",
            "text": _("The demo brain is answering."),
            "todo": _("It knows a few friendly lines. Add a language model in the settings for real conversation."),
            "action": "settings" if is_owner else "",
        })  # fmt: skip
    answers: list[tuple[Any, Any]] = notices_asked.send(Channel, channel=channel, is_owner=is_owner)
    for _receiver, more in answers:
        found += more
    return sorted(found, key=lambda notice: LEVELS.index(notice["level"]))


def timing_bars(timings_ms: dict[str, Any]) -> list[dict[str, Any]]:
    """A turn's way to its first sound: stage, milliseconds, and place on a bar of 0..100 (x, width)."""
    marks = [(stage, float(timings_ms[mark])) for mark, stage in BARS if isinstance(timings_ms.get(mark), int | float)]
    total = max((at for _stage, at in marks), default=0.0)
    if total <= 0:
        return []
    bars, begin = [], 0.0
    for stage, at in marks:
        end = max(begin, at)
        bars.append({
            "stage": stage,
            "ms": round(end - begin),
            "x": round(100 * begin / total, 2),
            "width": round(100 * (end - begin) / total, 2),
        })  # fmt: skip
        begin = end
    return bars


def first_sound_ms(timings_ms: dict[str, Any], bars: Sequence[dict[str, Any]]) -> int | None:
    """How quick she was: milliseconds from her beginning to answer to the first sound; None where nothing was heard.

    While she answered somebody else says nothing about that, nor does what moderators take.
    """
    if "playing" not in timings_ms:
        return None
    return sum(int(bar["ms"]) for bar in bars if bar["stage"] not in ("wait", "approve", "delay"))


def stage_times(timings_ms: dict[str, Any]) -> dict[str, int]:
    """Milliseconds of each stage a turn went through, and of `FIRST_SOUND` where something was heard."""
    bars = timing_bars(timings_ms)
    times = {str(bar["stage"]): int(bar["ms"]) for bar in bars}
    first = first_sound_ms(timings_ms, bars)
    return times if first is None else times | {FIRST_SOUND: first}


def stage_labels() -> dict[str, str]:
    """The stages of a turn in the reader's language."""
    return {
        "wait": pgettext("stage of a turn", "waiting her turn"),
        "think": pgettext("stage of a turn", "thinking"),
        "write": pgettext("stage of a turn", "first words"),
        "approve": pgettext("stage of a turn", "waiting for approval"),
        "voice": pgettext("stage of a turn", "voice"),
        "delay": pgettext("stage of a turn", "held back"),
        "send": pgettext("stage of a turn", "to the overlay"),
    }


def queue_labels() -> dict[str, str | dict[str, str]]:
    """What the page says of those who wait: kinds of event, and why she may answer."""
    return {
        "kinds": {kind: occasion(kind) for kind, _label in TalkForm.KINDS if kind != "message"},
        "why": {
            "mention": pgettext("why she may answer", "called by name"),
            "nickname": pgettext("why she may answer", "called by nickname"),
            "misspelt name": pgettext("why she may answer", "called by name, misspelt"),
            "command": pgettext("why she may answer", "used the command"),
            "reply": pgettext("why she may answer", "replied to her"),
            "question": pgettext("why she may answer", "a question to everybody"),
            "first message": pgettext("why she may answer", "first message of the stream"),
            "every message": pgettext("why she may answer", "she answers everybody"),
            "chance": pgettext("why she may answer", "picked by chance"),
            "notice": pgettext("why she may answer", "asked about her memory"),
            "idle": pgettext("why she may answer", "of her own accord"),
        },
        "states": {"thinking": _("Thinking"), "speaking": _("Talking")},
        "approved": _("approved by {name}"),
        "decided": {
            "approved": _("{name} approved the reply to {chatter}."),
            "rejected": _("{name} rejected the reply to {chatter}."),
            "expired": _("Nobody approved the reply to {chatter} in time."),
        },
    }
