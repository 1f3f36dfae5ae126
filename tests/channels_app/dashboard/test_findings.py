"""What is said about an overlay page: each thing that is not right, with its mend."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from channels_app.dashboard.findings import Finding, findings
from channels_app.models import Channel
from tests import factories
from tests.reading import has_english


def found(channel: Channel, *, owns_sound: bool = True, **fields: Any) -> dict[str, Finding]:
    return {each.title: each for each in findings(factories.overlay_page(channel, **fields), owns_sound=owns_sound)}


def test_a_good_obs_has_nothing_to_mend(channel: Channel) -> None:
    told = found(channel)
    assert {each.status for each in told.values()} == {"ok"}
    assert not any(each.mend for each in told.values())
    assert told["Program"].what == "OBS 32.0.2, browser plug-in 2.26.4."
    assert list(told) == [
        "Program", "Engine", "Sound", "Sample rate", "Sound thread", "Acceleration", "Frame rate", "Size",
        "Interruptions",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "status", "fields", "what", "mend"),
    [
        ("Program", "warn", {"obs_version": ""}, "This is a browser, not OBS.", "paste the URL"),
        ("Program", "warn", {"obs_version": "2.24.1"}, "known to crackle", "Update OBS"),
        ("Engine", "fault", {"engine": "Chrome/95.0.4638"}, "too old", "Update OBS"),
        ("Sound", "warn", {"sample_rate": None}, "has not said yet", ""),
        ("Sound", "fault", {"sample_rate": 0, "audible": False}, "no sound device", "sound output"),
        ("Sound", "fault", {"audible": False}, "does not run", "Refresh the browser source"),
        ("Sound", "fault", {"audible": False, "obs_version": ""}, "does not run", "Click once into the page"),
        ("Sample rate", "warn", {"sample_rate": 44_100}, "44100 Hz", "48 kHz"),
        ("Sound thread", "warn", {"worklet": False}, "may stutter", "by https"),
        ("Acceleration", "warn", {"renderer": "none"}, "without the graphics card", "In OBS, switch on"),
        ("Acceleration", "warn", {"renderer": "Google SwiftShader"}, "without the graphics card", "In OBS, switch on"),
        ("Acceleration", "warn", {"renderer": "llvmpipe", "obs_version": ""}, "without", "browser's settings"),
        ("Frame rate", "warn", {"fps": 12.0}, "12 pictures a second.", "Lower the load"),
        ("Frame rate", "warn", {"fps": 12.0, "renderer": "none"}, "12 pictures", "In OBS, switch on"),
        ("Frame rate", "ok", {"fps": 30.0}, "Use custom frame rate", ""),
        ("Frame rate", "ok", {"fps": 1.0, "visible": False}, "The source is hidden", ""),
        ("Size", "warn", {"height": 100}, "800 × 100 is too small", "width 800"),
        ("Interruptions", "warn", {"gaps": 1}, "a moment 1 time since", "too busy"),
        ("Interruptions", "warn", {"gaps": 1, "underruns": 2}, "3 times", "too busy"),
    ],
)
def test_what_is_not_right_is_said(
    channel: Channel, title: str, status: str, fields: dict[str, Any], what: str, mend: str
) -> None:
    told = found(channel, **fields)[title]
    assert told.status == status
    assert what in told.what
    assert mend in told.mend
    assert bool(mend) == bool(told.mend)
    with translation.override("ru"):
        russian = findings(factories.overlay_page(channel, **fields), owns_sound=True)
    assert not any(has_english(f"{each.title} {each.what} {each.mend}", "Chrome", "https") for each in russian)


def test_a_page_that_is_not_heard_says_that_another_is(channel: Channel) -> None:
    assert "another page is heard" in found(channel, owns_sound=False)["Sound"].what


def test_what_is_not_known_is_not_judged(channel: Channel) -> None:
    told = found(channel, renderer="", fps=None, width=0, height=0, engine="")
    assert told.keys().isdisjoint({"Acceleration", "Frame rate", "Size", "Engine"})
