"""The locks install with every pip: an old one takes a requirement with extras only when its pin names them."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from aigirl_site.env import ROOT

LOCKS = ("requirements.txt", "requirements-assets.txt", "requirements-dev.txt")


def pins(lock: Path) -> dict[str, Requirement]:
    """The pinned requirements of a lock by their names."""
    lines = [line.rstrip(" \\") for line in lock.read_text().splitlines() if line[:1].isalnum()]
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


def unmet(pinned: dict[str, Requirement]) -> list[str]:
    """Each `name[extra]` that a pinned and installed package asks for while the pin of `name` is without the extra."""
    found = []
    for name, pin in pinned.items():
        try:
            wanted = map(Requirement, metadata.requires(name) or [])
        except metadata.PackageNotFoundError:
            continue  # for another system
        for need in wanted:
            asked = not need.marker or any(need.marker.evaluate({"extra": extra}) for extra in ("", *pin.extras))
            target = pinned.get(canonicalize_name(need.name))
            if asked and target and need.extras - target.extras:
                found.append(f"{name} -> {need}")
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_each_pin_names_the_extras_that_are_asked_for(lock: str) -> None:
    assert not unmet(pins(ROOT / lock)), "Lock with --no-strip-extras."


def test_a_pin_without_its_extra_is_found() -> None:
    pinned = pins(ROOT / "requirements.txt")
    pinned["kombu"] = Requirement("kombu==5.7.0")
    assert [line.split(" ->")[0] for line in unmet(pinned)] == ["celery"]
