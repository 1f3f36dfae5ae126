"""Who is on air: Twitch is asked again and again, since TwitchIO drops some of the notifications that tell it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection

from django.db import DatabaseError

from channels_app.twitch import budget
from channels_app.twitch.helix import PAGE, Helix, TwitchError
from workers.fleet.runtime import in_db
from workers.twitch import rows
from workers.twitch.pace import Pace, Sleep, afford

log = logging.getLogger(__name__)


async def poll(
    helix: Helix, pace: Pace, channels: Callable[[], Collection[str]], *, sleep: Sleep = asyncio.sleep
) -> None:
    """Until cancelled. A hundred at a time; ten thousand channels take two and a half minutes a round."""
    while True:
        ids = list(channels())
        for start in range(0, len(ids), PAGE):
            if start:
                await sleep(pace.streams_page)
            await _ask(helix, ids[start : start + PAGE], sleep)
        await sleep(pace.streams)


async def _ask(helix: Helix, ids: list[str], sleep: Sleep) -> None:
    await afford(helix.budget, budget.STEADY, sleep)
    try:
        live = await asyncio.to_thread(helix.live_ids, ids)
        await in_db(rows.note_streams, {user_id: user_id in live for user_id in ids})
    except (TwitchError, DatabaseError) as error:
        log.warning("live states wait: %s", error if isinstance(error, TwitchError) else type(error).__name__)
