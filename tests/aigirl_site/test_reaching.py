"""What the settings make of a database's address: waiting is bounded, and the address has the last word."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from aigirl_site.env import ROOT
from aigirl_site.reaching import POSTGRES_OPTIONS


def options(address: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Those the settings give to the client of this database."""
    monkeypatch.setattr("aigirl_site.env.env.DATABASE_URL", address)
    made: dict[str, Any] = runpy.run_path(str(ROOT / "aigirl_site" / "settings.py"))["DATABASES"]["default"]["OPTIONS"]
    return made


def test_a_database_that_vanished_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert options("postgres://aigirl@db/aigirl", monkeypatch) == POSTGRES_OPTIONS


def test_what_the_address_says_rules_and_the_rest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    made = options("postgres://aigirl@db/aigirl?connect_timeout=30&sslmode=require", monkeypatch)
    assert made == POSTGRES_OPTIONS | {"connect_timeout": 30, "sslmode": "require"}
