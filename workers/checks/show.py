"""The show itself: persona, overlay, sound, and the browser inside OBS."""

from __future__ import annotations

from django.utils.translation import gettext as _

from channels_app.dashboard.findings import smoother
from channels_app.models import DesiredState, OverlayPresence, Turn
from channels_app.overlay import fitness
from channels_app.queries import connected_overlays
from personas.snapshot import persona_of
from workers.checks.finding import Found, fault, ok, warn
from workers.checks.surroundings import Surroundings


def channel(around: Surroundings) -> Found:
    one = around.channel
    if one is None:
        return
    if one.is_suspended:
        yield fault("channel", _("The channel is suspended."), _("Write to support to have it looked at."))
    elif one.panic_since is not None:
        yield warn("channel", _("Panic is on: nothing is spoken."), _("Lift it on the channel's page."))
    elif one.desired_state != DesiredState.RUNNING:
        yield warn("channel", _("The channel is stopped."), _("Press Start on the channel's page."))
    else:
        yield ok("channel", _("The channel is started."))


def persona(around: Surroundings) -> Found:
    if around.channel is None:
        return
    found = persona_of(around.channel)
    if found is None or found.published is None:
        yield fault("persona", _("No persona is published."), _("Open Persona, give her a name, and save."))
    else:
        yield ok("persona", _("{name} is on stage.").format(name=found.published.name))


def overlay(around: Surroundings) -> Found:
    """Connected, audibly playing, in a browser that can."""
    if around.channel is None:
        return
    pages = list(connected_overlays(around.channel).order_by("connected_at"))
    in_obs = [page for page in pages if not page.is_preview]
    if not in_obs:
        preview = _("Only the dashboard's preview is open.") if pages else _("No overlay is connected.")
        yield fault(
            "overlay",
            preview + " " + _("Nothing is spoken without one."),
            _("Copy the overlay URL from the channel's page into a browser source in OBS."),
        )
        return
    yield ok("overlay", _("An overlay is connected."), detail=", ".join(page.engine for page in in_obs if page.engine))
    yield from _sound(around, in_obs)
    yield from _engine(in_obs)
    yield from _frames(in_obs)


def _sound(around: Surroundings, pages: list[OverlayPresence]) -> Found:
    if not any(page.audible for page in pages):
        yield fault(
            "sound",
            _("The overlay is silent: its sound is not running."),
            _("In OBS tick “Control audio via OBS” on the source and refresh it; in a browser click the page."),
        )
        return
    turns = Turn.objects.filter(channel=around.channel, created_at__gte=min(page.connected_at for page in pages))
    last = turns.filter(outcome__in=[Turn.Outcome.SPOKEN, Turn.Outcome.FAILED]).exclude(said="").first()
    if last is not None and last.heard_at is None:
        yield warn(
            "sound",
            _("The last reply was sent to the overlay, but the overlay never said that it played."),
            _("Refresh the browser source in OBS and try the talk box again."),
            detail=last.reason,
        )
    elif last is not None and last.heard_at is not None:
        ago = max(0.0, around.now() - last.heard_at.timestamp())
        yield ok("sound", _("She was heard."), detail=_("{seconds} s ago").format(seconds=round(ago)))
    else:
        yield ok("sound", _("The overlay's sound runs. Say something in the talk box to hear it."))


def _engine(pages: list[OverlayPresence]) -> Found:
    for page in pages:
        if fitness.is_too_old(page):
            yield fault(
                "engine",
                _("The browser inside OBS is too old for the overlay."),
                _("Update OBS to 31.1 or newer."),
                detail=page.engine,
            )
            return
        if fitness.crackles(page):
            yield warn(
                "engine",
                _("This OBS is known to crackle with sound from browser sources."),
                _("Update OBS to 31.1 or newer."),
                detail=page.obs_version,
            )
            return
    yield ok("engine", _("The browser inside OBS is new enough."))


def _frames(pages: list[OverlayPresence]) -> Found:
    slow = [page for page in pages if fitness.is_slow(page)]
    if slow:
        yield warn(
            "frames",
            _("The overlay draws only {fps} pictures a second.").format(fps=round(slow[0].fps or 0)),
            smoother(slow[0]),
        )
    else:
        yield ok("frames", _("The overlay moves smoothly."))


LOCAL = (channel, persona, overlay)
