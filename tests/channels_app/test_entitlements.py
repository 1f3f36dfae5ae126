"""What stands on a channel about its plan."""

from __future__ import annotations

import json

from channels_app.entitlements import BUILT_IN, UNLIMITED, Entitlements, entitlements_of
from channels_app.models import Channel


def test_a_channel_without_any_word_of_a_plan_may_use_everything() -> None:
    assert entitlements_of(Channel()) == UNLIMITED


def test_what_is_stored_is_read_again() -> None:
    granted = Entitlements(plan="free", replies=300, voices=(BUILT_IN,), avatar_kinds=("svg",), moderators=1)
    stored = json.loads(json.dumps(granted.stored()))
    assert entitlements_of(Channel(entitlements=stored)) == granted


def test_what_another_release_wrote_is_passed_over() -> None:
    assert entitlements_of(Channel(entitlements={"plan": "free", "planets": 3})).plan == "free"
