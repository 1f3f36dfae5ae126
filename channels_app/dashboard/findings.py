"""What a connected overlay page tells of its place, as sentences: what is so, and what to do where it is not right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app.models import OverlayPresence
from channels_app.overlay import fitness


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found out about a page. `mend` is empty where nothing is to be done."""

    status: Literal["ok", "warn", "fault"]
    title: str
    what: str
    mend: str = ""
    detail: str = ""


def findings(page: OverlayPresence, *, owns_sound: bool) -> list[Finding]:
    """Everything known about the page, in the order a person sets things up."""
    return [*_program(page), *_sound(page, owns_sound), *_picture(page), *_course(page)]


def _program(page: OverlayPresence) -> Iterator[Finding]:
    title = _("Program")
    if not page.obs_version:
        yield Finding(
            "warn",
            title,
            _("This is a browser, not OBS."),
            _("Good for a look. For the stream, paste the URL into a browser source in OBS."),
            page.engine,
        )
    elif fitness.crackles(page):
        yield Finding(
            "warn",
            title,
            _("This OBS is known to crackle with sound from browser sources."),
            _("Update OBS to 31.1 or newer."),
            _obs(page),
        )
    else:
        yield Finding("ok", title, _obs(page))
    if fitness.is_too_old(page):
        yield Finding(
            "fault",
            _("Engine"),
            _("The browser inside OBS is too old for the overlay."),
            _("Update OBS to 31.1 or newer."),
            page.engine,
        )
    elif page.engine:
        yield Finding("ok", _("Engine"), _("New enough: %(engine)s.") % {"engine": page.engine.replace("/", " ")})


def _obs(page: OverlayPresence) -> str:
    program = f"OBS {page.program_version}".strip()
    return _("%(program)s, browser plug-in %(version)s.") % {"program": program, "version": page.obs_version}


def _sound(page: OverlayPresence, owns_sound: bool) -> Iterator[Finding]:
    title = _("Sound")
    if page.sample_rate is None:
        yield Finding("warn", title, _("The page has not said yet whether its sound runs. It will in a few seconds."))
        return
    if page.sample_rate == 0:
        yield Finding(
            "fault",
            title,
            _("The page found no sound device."),
            _("Give the computer a sound output, then refresh the browser source."),
        )
        return
    if not page.audible:
        yield Finding(
            "fault",
            title,
            _("The sound does not run."),
            _("Refresh the browser source: “Refresh cache of current page” in its properties.")
            if page.obs_version
            else _("Click once into the page: browsers want that before they let it sound."),
        )
    elif owns_sound:
        yield Finding("ok", title, _("It runs, and this page is the one that is heard."))
    else:
        yield Finding(
            "ok",
            title,
            _("It runs, but another page is heard: only one is, against echo. Close that one to hear this."),
        )
    if page.sample_rate != fitness.WANTED_RATE:
        yield Finding(
            "warn",
            _("Sample rate"),
            _("%(rate)s Hz: her voice is converted on the way and may click.") % {"rate": page.sample_rate},
            _("In OBS set Settings → Audio → Sample Rate to 48 kHz, and the same in the computer's settings."),
        )
    else:
        yield Finding("ok", _("Sample rate"), _("48 kHz."))
    if not page.worklet:
        yield Finding(
            "warn",
            _("Sound thread"),
            _("Her voice shares a thread with the picture and may stutter when the computer is busy."),
            _("Open the overlay by https or on the same computer: elsewhere sound gets no thread of its own."),
        )
    else:
        yield Finding("ok", _("Sound thread"), _("Her voice has a thread of its own."))


def _picture(page: OverlayPresence) -> Iterator[Finding]:
    if fitness.draws_in_software(page):
        renderer = page.renderer if page.renderer != fitness.NO_RENDERER else ""
        what = _("The picture is drawn without the graphics card.")
        yield Finding("warn", _("Acceleration"), what, _accelerate(page), renderer)
    elif page.renderer:
        yield Finding("ok", _("Acceleration"), _("The graphics card draws."), detail=page.renderer)
    if not page.visible:
        yield Finding("ok", _("Frame rate"), _("The source is hidden: nothing is drawn, and she is still heard."))
    elif page.fps is not None:
        yield _frame_rate(page, page.fps)
    if page.width and page.height:
        yield _size(page)


def _accelerate(page: OverlayPresence) -> str:
    if page.obs_version:
        return _("In OBS, switch on Settings → Advanced → browser source hardware acceleration, and restart OBS.")
    return _("Switch on hardware acceleration in the browser's settings.")


def smoother(page: OverlayPresence) -> str:
    """What makes a slow page quicker."""
    if fitness.draws_in_software(page):
        return _accelerate(page)
    return _("Lower the load: other browser sources, the game's settings, the canvas.")


def _frame_rate(page: OverlayPresence, fps: float) -> Finding:
    title, count = _("Frame rate"), round(fps)
    shown = ngettext("%(count)s picture a second.", "%(count)s pictures a second.", count) % {"count": count}
    if fitness.is_slow(page):
        return Finding("warn", title, shown, smoother(page))
    if page.obs_version and fps < fitness.FINE_FPS:
        return Finding("ok", title, shown + " " + _("Fine; with “Use custom frame rate” at 60 the mouth is smoother."))
    return Finding("ok", title, shown)


def _size(page: OverlayPresence) -> Finding:
    size = f"{page.width} × {page.height}"
    if min(page.width, page.height) < fitness.SMALLEST_SIDE:
        return Finding(
            "warn", _("Size"), _("%(size)s is too small to read her captions.") % {"size": size},
            _("Set width 800 and height 800 in the source's properties; make it smaller in the scene instead."),
        )  # fmt: skip
    return Finding("ok", _("Size"), size)


def _course(page: OverlayPresence) -> Iterator[Finding]:
    title = _("Interruptions")
    breaks = page.underruns + page.gaps
    if not breaks:
        yield Finding("ok", title, _("None since the page was opened."))
        return
    yield Finding(
        "warn",
        title,
        ngettext(
            "Her voice stopped for a moment %(count)s time since the page was opened.",
            "Her voice stopped for a moment %(count)s times since the page was opened.",
            breaks,
        )
        % {"count": breaks},
        _("If it goes on: the computer or its network is too busy. Lower the load, or use a cable instead of Wi-Fi."),
    )
