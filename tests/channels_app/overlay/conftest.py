"""An overlay key of the channel, and a front end that is built."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels_app import actions
from channels_app.models import Channel


@pytest.fixture
def key(channel: Channel) -> str:
    return actions.new_overlay_url(channel, acting_user=None).rpartition("#k=")[2]


@pytest.fixture(autouse=True)
def _built_front_end(settings: Any, tmp_path: Any) -> None:
    settings.VITE_MANIFEST = tmp_path / "manifest.json"
    settings.VITE_MANIFEST.write_text(json.dumps({"src/overlay/main.ts": {"file": "assets/overlay-abc12345.js"}}))
