"""The Celery application. Celery only dispatches; what is true stands in the database (docs/adr/0002)."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aigirl_site.settings")

from django.conf import settings

BY_REDIS = settings.ENV.broker_url.startswith("redis")
"""Else by RabbitMQ. What a worker whose threads are all at work has taken beforehand would lie there; by RabbitMQ it
takes no more than it has threads."""

app = Celery("aigirl")
app.conf.update(
    broker_url=settings.ENV.broker_url,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    task_acks_late=False,
    task_default_queue="control",
    worker_pool="workers.fleet.pool:TaskPool",
    worker_prefetch_multiplier=1,
    worker_disable_prefetch=BY_REDIS,
    worker_direct=True,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    control_queue_expires=60,
    timezone="UTC",
)
if BY_REDIS:
    app.conf.broker_transport_options = {
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "health_check_interval": 5,
        "global_keyprefix": f"{settings.ENV.REDIS_PREFIX}.",
    }
else:
    # A host that vanished without a word is missed after 20 s, as with Redis, and not after 4 minutes.
    app.conf.broker_heartbeat = 10


def every(seconds: float, task: str, *, expires: float, queue: str = "control") -> dict[str, Any]:
    """A beat entry. It expires, so that a worker that comes back does not work off a hundred stale ticks."""
    return {"task": task, "schedule": seconds, "options": {"queue": queue, "expires": expires}}


app.conf.beat_schedule = {
    "tick": every(1.0, "tick", expires=3),
    "prune-presences": every(60.0, "prune_presences", expires=60),
    "return-reservations": every(60.0, "return_reservations", expires=60),
    "forget-old": every(3600.0, "forget_old", expires=600),
    "look-after-privacy": every(30.0, "look_after_privacy", expires=30, queue="live"),
    "sweep-billing": every(300.0, "sweep_billing", expires=300, queue="live"),
}
# A control worker has two threads, and the tick must never stand behind a Twitch that is slow: what asks it for each
# channel is done by live workers.
TWITCH_SCHEDULE = {
    "refresh-credentials": every(300.0, "refresh_credentials", expires=300, queue="live"),
    "settle-redemptions": every(3.0, "settle_redemptions", expires=3, queue="live"),
    "look-after-rewards": every(20.0, "look_after_rewards", expires=20, queue="live"),
    "validate-credentials": every(600.0, "validate_credentials", expires=600, queue="live"),
}
if settings.ENV.has_twitch:
    app.conf.beat_schedule |= TWITCH_SCHEDULE
app.autodiscover_tasks()


@setup_logging.connect
def use_django_logging(**_: Any) -> None:
    """Workers log as the rest of the house does, through the filter that hides secrets."""
    import logging.config

    logging.config.dictConfig(settings.LOGGING)
