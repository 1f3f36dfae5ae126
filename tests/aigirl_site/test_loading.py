"""Garbage is collected again once a process is loaded, and what was loaded is left out of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aigirl_site.env import ROOT

ASK = "import gc; print(gc.isenabled(), gc.get_freeze_count() > 50_000)"


@pytest.mark.system
@pytest.mark.parametrize("loaded", ["aigirl_site.asgi", "aigirl_site.celery"])
def test_a_loaded_process_collects_what_comes_and_goes(loaded: str) -> None:
    code = f"import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'aigirl_site.settings'; import {loaded}\n"
    code += f"django.setup()\n{ASK}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
