"""Where other commands find the service that runs on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigirl_site.env import Env


@pytest.fixture(autouse=True)
def no_address_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SITE_URL", raising=False)


def env(data: Path, **values: str) -> Env:
    (data / "run").mkdir(exist_ok=True)
    return Env.model_validate({"DATA_DIR": str(data), **values})


def test_it_is_asked_at_the_port_it_was_started_with(tmp_path: Path) -> None:
    env(tmp_path).site_file.write_text("http://127.0.0.1:8020")
    assert env(tmp_path).running_site == "http://127.0.0.1:8020"


def test_before_the_first_start_it_is_where_the_settings_say(tmp_path: Path) -> None:
    assert env(tmp_path).running_site == "http://127.0.0.1:8000"


@pytest.mark.parametrize("named", ["https://ai.example.com", "http://127.0.0.1:9000"])
def test_an_address_that_is_set_rules(tmp_path: Path, named: str) -> None:
    env(tmp_path).site_file.write_text("http://127.0.0.1:8020")
    assert env(tmp_path, SITE_URL=named).running_site == named
