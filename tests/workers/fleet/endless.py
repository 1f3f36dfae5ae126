"""Our Celery application with a task that lives on and never ends by itself, for worker processes of tests."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

from django.conf import settings
from redis import Redis

from aigirl_site.celery import app
from workers.fleet import pool

BEGUN, OVER = "endless.begun", "endless.over"
"""Keys in Redis: how many run, and whether they shall end."""


@app.task(name="endless")
def endless() -> None:
    over: Future[None] = Future()
    threading.Thread(target=_live, args=(over,), daemon=True).start()
    pool.live_on(over)


def _live(over: Future[None]) -> None:
    with Redis.from_url(settings.ENV.redis_url) as server:
        server.incr(f"{settings.ENV.REDIS_PREFIX}:{BEGUN}")
        while not server.exists(f"{settings.ENV.REDIS_PREFIX}:{OVER}"):
            time.sleep(0.05)
    over.set_result(None)
