"""`manage.py chat` before there is anything to talk to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from aigirl_site.env import ROOT
from tests import factories


@pytest.mark.django_db
def test_an_unknown_channel_is_named() -> None:
    factories.channel()
    with pytest.raises(CommandError, match="There is no channel 'nobody'"):
        call_command("chat", "nobody", "Viewer", "hello")


@pytest.mark.system
def test_without_a_first_start_it_says_what_to_do(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "chat", "demo", "Viewer", "hello"],
        cwd=ROOT,
        env=os.environ
        | {
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "aigirl_site.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Start the service first: ./start.sh" in done.stderr
    assert "Traceback" not in done.stderr
