"""An overlay key of the channel."""

from __future__ import annotations

import pytest

from channels_app import actions
from channels_app.models import Channel


@pytest.fixture
def key(channel: Channel) -> str:
    return actions.new_overlay_url(channel, acting_user=None).rpartition("#k=")[2]
