"""The machine underneath: Python, disk, clock, keys, the built front end, the built-in voices."""

from __future__ import annotations

import asyncio
import tempfile
import time
from email.utils import parsedate_to_datetime

import httpx2
from django.conf import settings as django_settings
from django.core.checks import Error, Info, run_checks
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from channels_app.outbound import tls_context
from channels_app.templatetags.vite import FrontEndMissingError, manifest
from workers.checks.finding import Found, fault, ok, warn
from workers.checks.surroundings import Surroundings
from workers.pipeline.ports import VoiceError
from workers.pipeline.values import VoiceSpec
from workers.voice import hibari
from workers.voice.espeak import EspeakVoice

OLDEST_PYTHON = (3, 11)
LEAST_DISK = 200 * 1024**2
COMFORTABLE_DISK = 1024**3
CLOCK_WARN, CLOCK_FAULT = 5.0, 30.0
"""Seconds. Messages carry Twitch's time; past half a minute fresh chat would look stale and be left unanswered."""
ENTRIES = ("src/overlay/main.ts", "src/dashboard/main.ts")


def python(around: Surroundings) -> Found:
    version = ".".join(map(str, around.python))
    if around.python < OLDEST_PYTHON:
        yield fault(
            "python",
            _("This is Python {version}; 3.11 or newer is needed.").format(version=version),
            _("Install a newer Python and start again with ./start.sh."),
        )
    else:
        yield ok("python", _("Python {version}.").format(version=version))


def data_dir(around: Surroundings) -> Found:
    path = around.env.DATA_DIR
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"aigirl")
            file.flush()
    except OSError as problem:
        yield fault(
            "data_dir",
            _("The data directory {path} cannot be written: {reason}.").format(path=path, reason=problem.strerror),
            _("Give this user the right to write there, or choose another place with DATA_DIR."),
        )
    else:
        yield ok("data_dir", _("The data directory can be written."), detail=str(path))


def disk(around: Surroundings) -> Found:
    free = around.disk_free(around.env.DATA_DIR)
    figures = _("{free} GB free").format(free=number_format(free / 1024**3, 1))
    if free < LEAST_DISK:
        yield fault(
            "disk",
            _("The disk is nearly full."),
            _("Free some space, or move DATA_DIR to another disk."),
            detail=figures,
        )
    elif free < COMFORTABLE_DISK:
        yield warn("disk", _("The disk is getting full."), _("Free some space before a long stream."), detail=figures)
    else:
        yield ok("disk", _("There is room on the disk."), detail=figures)


def settings(around: Surroundings) -> Found:
    """The system checks on combinations of settings."""
    messages = run_checks(tags=["aigirl"])
    for message in messages:
        say = ok if isinstance(message, Info) else fault if isinstance(message, Error) else warn
        yield say("settings", str(message.msg), str(message.hint or ""), detail=str(message.id))
    if not messages:
        yield ok("settings", _("The settings fit together."))


def kept_keys(around: Surroundings) -> Found:
    env = around.env
    if not env.is_loopback and env.database_url.startswith("sqlite") and not (env.FIELD_KEYS and env.SECRET_KEY):
        yield warn(
            "kept_keys",
            _("SECRET_KEY or FIELD_KEYS exist only in the data directory. Without them no stored token can be read."),
            _("Back up {path}, or put both into the environment.").format(path=env.DATA_DIR / "secrets"),
        )
    else:
        yield ok("kept_keys", _("The keys are where they should be."))


def front_end(around: Surroundings) -> Found:
    mend = _("Run ./start.sh: it builds the front end.")
    try:
        entries = manifest()
    except (FrontEndMissingError, ValueError):
        yield fault("front_end", _("The front end is not built, so the overlay would stay blank."), mend)
        return
    built = django_settings.VITE_MANIFEST.parent.parent
    missing = [name for name in ENTRIES if name not in entries or not (built / entries[name]["file"]).is_file()]
    if missing:
        what = _("Parts of the built front end are missing: {names}.").format(names=", ".join(missing))
        yield fault("front_end", what, mend)
    else:
        yield ok("front_end", _("The front end is built."))


def clock(around: Surroundings) -> Found:
    """Compared with a server everybody trusts more than this machine; needs the network."""
    env = around.env
    if not (env.has_twitch or env.has_llm):
        yield ok("clock", _("Nothing outside to compare the clock with."))
        return
    url = f"{env.TWITCH_AUTH_URL}/validate" if env.has_twitch else f"{env.LLM_BASE_URL}/models"
    try:
        answer = httpx2.get(url, timeout=around.wait, verify=tls_context())
        theirs = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (httpx2.HTTPError, KeyError, ValueError):
        yield ok("clock", _("The clock could not be compared with another one."))
        return
    # The header has whole seconds and is as old as the answer's way here.
    off = around.now() - theirs - 0.5
    figures = _("{seconds} s against {host}").format(seconds=f"{off:+.0f}", host=answer.url.host)
    mend = _("Switch on automatic time (NTP) on this machine.")
    if abs(off) >= CLOCK_FAULT:
        yield fault("clock", _("The clock is wrong, so fresh messages would look old."), mend, detail=figures)
    elif abs(off) >= CLOCK_WARN:
        yield warn("clock", _("The clock is a little off."), mend, detail=figures)
    else:
        yield ok("clock", _("The clock is right."), detail=figures)


def built_in_voices(around: Surroundings) -> Found:
    """Really speaks a word."""
    began = time.monotonic()
    try:
        asyncio.run(_speak(around))
    except (VoiceError, TimeoutError, OSError) as problem:
        yield fault(
            "built_in_voices",
            _("The built-in voice does not speak."),
            _("Run ./start.sh again; it installs the voice anew when something is missing."),
            detail=str(problem) or type(problem).__name__,
        )
        return
    names = ["espeak-ng", "hibari"] if hibari.available() else ["espeak-ng"]
    took = round((time.monotonic() - began) * 1000)
    figures = _("{names}; a word took {ms} ms").format(names=", ".join(names), ms=took)
    yield ok("built_in_voices", _("The built-in voices speak."), detail=figures)


async def _speak(around: Surroundings) -> None:
    async with asyncio.timeout(around.wait):
        async for _part in EspeakVoice().speak("Ready.", VoiceSpec(engine="espeak", language="en")):
            pass


LOCAL = (python, data_dir, disk, settings, kept_keys, front_end)
REMOTE = (clock, built_in_voices)
