"""The report of a version: what the check found, line by line, how to mend it, and whether she may go live."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from channels_app.actions import Refused
from channels_app.dashboard.access import power_page
from channels_app.models import Channel, User
from channels_app.powers import Power
from channels_app.words import translated
from personas import publishing
from personas.models import PersonaVersion, VersionReport
from personas.views import after_saving, room_context, shown_version, to_page
from workers import wiring
from workers.preflight import course_for
from workers.records import providers_of
from workers.rehearsal.judge import LONGEST_REPLY
from workers.safety.leaks import GRAM
from workers.voice import catalogue as voices
from workers.voice.openai_speech import SpeechConfig

CHECKS = {
    "forbidden": (
        gettext_lazy("Nothing that no channel may hear"),
        gettext_lazy("The gate had to cut words of the hard tier. Take out what pulls her there, or say the opposite."),
    ),
    "obeyed": (
        gettext_lazy("Takes no orders from chat"),
        gettext_lazy(
            "She did as an attacker told her. Tell her under “What she keeps to” to tease such people instead."
        ),
    ),
    "echoed": (
        gettext_lazy("Leaves the words of attackers alone"),
        gettext_lazy(
            "She repeated what an attacker wanted to hear, perhaps to tease. Read these lines: they are fine where "
            "they make fun of it."
        ),
    ),
    "leak": (
        gettext_lazy("Keeps her instructions to herself"),
        format_lazy(
            gettext_lazy(
                "{most} words in a row of the rules or of her instructions were in her answer. Shorten instructions "
                "that read like speech, and tell her never to quote them."
            ),
            most=GRAM,
        ),
    ),
    "cut": (
        gettext_lazy("Within the channel's rules"),
        gettext_lazy("The gate cut her off. Take such words out of her texts, or allow them in the settings."),
    ),
    "answered": (gettext_lazy("Answers"), gettext_lazy("The model failed on these lines. Check it on the check page.")),
    "language": (
        gettext_lazy("Answers in the language of the message"),
        gettext_lazy("Write examples in both languages, or take out orders to speak only one."),
    ),
    "length": (
        gettext_lazy("Short enough to be spoken"),
        format_lazy(
            gettext_lazy("Answers had more than {most} characters. Ask for one sentence in “How she speaks”."),
            most=LONGEST_REPLY,
        ),
    ),
    "format": (
        gettext_lazy("Plain spoken words"),
        gettext_lazy("Lists, emoji, links or stage directions were taken out. Take them out of the examples too."),
    ),
    "mood": (
        gettext_lazy("Begins with one known mood"),
        gettext_lazy("Without it her face rests. Begin the lines of your examples with [happy] or another mood."),
    ),
    "character": (
        gettext_lazy("Stays in character"),
        gettext_lazy("She spoke like an assistant. Say in her own words how she refuses and what she jokes about."),
    ),
    "name": (
        gettext_lazy("Knows her name"),
        gettext_lazy("Asked for it, she did not say it more often than not. Put it first in “Who she is”."),
    ),
    "consistent": (
        gettext_lazy("Tells the same when she is asked again"),
        gettext_lazy(
            "Her answers to one question contradict each other, or what is written of her. Say it in one clear "
            "sentence in “Who she is”."
        ),
    ),
    "variety": (
        gettext_lazy("Does not repeat herself"),
        gettext_lazy("Few of her groups of three words were new. Take catchphrases out, or give more examples."),
    ),
}
"""Name of a check -> what it asks, and how to mend it where it failed."""
KINDS = {
    "orders": gettext_lazy("new orders"),
    "prompt": gettext_lazy("her prompt"),
    "authority": gettext_lazy("false rank"),
    "spelling": gettext_lazy("words in pieces"),
    "hate": gettext_lazy("hatred"),
    "denial": gettext_lazy("denial"),
    "politics": gettext_lazy("politics"),
    "sexual": gettext_lazy("sexual"),
    "threat": gettext_lazy("threats"),
    "private": gettext_lazy("private data"),
    "danger": gettext_lazy("dangerous advice"),
    "despair": gettext_lazy("despair"),
    "lure": gettext_lazy("scams"),
    "name": gettext_lazy("her name"),
    "likes": gettext_lazy("what she loves"),
    "home": gettext_lazy("where she is from"),
    "being": gettext_lazy("what creature she is"),
    "": gettext_lazy("talk"),
}
OUTCOMES = {
    "said": pgettext_lazy("outcome of a line", "answered"),
    "cut": pgettext_lazy("outcome of a line", "cut off"),
    "stopped": pgettext_lazy("outcome of a line", "stopped before her"),
    "failed": pgettext_lazy("outcome of a line", "no answer"),
}
REFERENCE_RATE = 4
"""Replies a minute of a lively stream, beside the most the version allows."""
MARKS = {"ok": "ok", "soft": "warn", "hard": "fault"}


@require_http_methods(["GET", "HEAD", "POST"])
@power_page(Power.PERSONA)
def report(request: HttpRequest, channel: Channel) -> HttpResponse:
    """GET: the report of the version the page is about. POST: `do` check, offer, cancel, publish, publish_anyway."""
    version, draft = shown_version(request, channel)
    if request.method == "POST":
        return _do(request, channel, version)
    found = publishing.report_of(version)
    lost = found is not None and publishing.is_lost(found)
    context = room_context(request, channel, "report", version) | {
        "report": found,
        "standing": publishing.standing(version).value,
        "is_stale": found is not None and found.digest != publishing.digest(version),
        "is_open": found is not None and found.is_open and not lost,
        "lost": lost,
        "problem": translated(found.problem) if found else "",
        "brain": translated(found.brain) if found else "",
        "checks": [_check(check, found) for check in found.checks] if found else [],
        "lines": [_line(row) for row in found.lines] if found else [],
        "lines_there_are": len(course_for(version)),
        "is_draft": draft is not None,
    }
    if found and found.lines:
        context |= _cost(channel, version, found)
    return render(request, "workers/report.html", context)


def _do(request: HttpRequest, channel: Channel, version: PersonaVersion) -> HttpResponse:
    assert isinstance(request.user, User)
    query = {"draft": version.number} if version.published_at is None else {}
    match request.POST.get("do"):
        case "check":
            try:
                publishing.begin_check(version, acting_user=request.user)
            except Refused as refused:
                messages.error(request, str(refused))
        case "offer" if query:
            try:
                saved = publishing.offer(channel, acting_user=request.user, values={}, number=version.number)
            except Refused as refused:
                messages.error(request, str(refused))
            else:
                return after_saving(request, channel, saved)
        case "cancel":
            if publishing.cancel_check(version, acting_user=request.user):
                messages.info(request, _("The check was cancelled. Nothing has gone live."))
        case ("publish" | "publish_anyway") as how:
            try:
                saved = publishing.publish_checked(
                    channel, acting_user=request.user, number=version.number, set_aside=how == "publish_anyway"
                )
            except Refused as refused:
                messages.error(request, str(refused))
            else:
                return after_saving(request, channel, saved)
    return to_page("persona_report", channel, **query)


def _check(check: dict[str, Any], found: VersionReport) -> dict[str, Any]:
    title, mend = CHECKS.get(check["name"], (check["name"], ""))
    return {
        "status": MARKS[check["level"]],
        "level": check["level"],
        "title": title,
        "good": check["good"],
        "of": check["of"],
        "percent": round(100 * check["value"]) if check["value"] is not None else None,
        "mend": mend if check["level"] != "ok" else "",
        "lines": [_line(row) for row in found.lines if check["name"] in row["problems"]],
    }


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "kind": KINDS.get(row["kind"], row["kind"]),
        "outcome": OUTCOMES[row["outcome"]],
        "mark": "warn" if row["problems"] or row["outcome"] == "failed" else "ok",
        "names": [CHECKS[name][0] for name in row["problems"] if name in CHECKS],
        "fault": translated(row["fault"]),
    }


def _cost(channel: Channel, version: PersonaVersion, found: VersionReport) -> dict[str, Any]:
    """US dollars an hour of brain and voice, by what the check cost: at a lively rate, and at the most she may say."""
    heard = [row for row in found.lines if row["outcome"] in ("said", "cut")]
    if not heard:
        return {}
    own = providers_of(channel.pk)
    letters = sum(len(row["said"]) for row in heard) / len(heard)
    speech = wiring.speech_config(own)
    a_reply = found.cost_micros / 1e6 / len(heard) + letters * _letter(speech)
    return {
        "rate": REFERENCE_RATE,
        "hour": a_reply * REFERENCE_RATE * 60,
        "hour_most": a_reply * version.replies_per_minute * 60,
        "letters": round(letters),
        "check_cost": found.cost_micros / 1e6,
    }


def _letter(speech: SpeechConfig | None) -> float:
    """US dollars a character of speech; 0 where it is free or unknown."""
    cost = voices.cost_of(speech) if speech is not None else None
    return cost.per_1000_chars / 1000 if cost else 0.0
