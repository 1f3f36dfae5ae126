"""A cancelled task stops: chat that was deleted is not answered, a run that lost its lease is silent."""

from __future__ import annotations

import re

from tests.guards.tracked import name, tracked

ROOMS = ("aigirl_site", "billing", "channels_app", "personas", "workers")


def test_nothing_waits_in_a_way_that_forgets_cancellation() -> None:
    forgetful = [
        f"{name(path)}:{number}"
        for path in tracked(".py")
        if name(path).startswith(ROOMS)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if re.search(r"\basyncio\.wait_for\(", line)
    ]
    assert not forgetful, (
        "Before Python 3.12 asyncio.wait_for may swallow a cancellation: use `async with asyncio.timeout`."
    )
