"""Celery's entry points. A message here is only a hint to look: the database says what is to be done and by whom."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import Any

from celery import current_app, shared_task
from celery.utils.nodenames import worker_direct

from workers.fleet import control as _control  # noqa: F401  its signals are connected by importing it
from workers.fleet import pool, pulse, reconcile, runtime
from workers.fleet.lease import Lease, channel_run, gateway_run

log = logging.getLogger(__name__)

LONGEST_LOOK = 1800.0
"""Seconds; who died at it holds up the others no longer."""


@shared_task(name="run_channel")
def run_channel(public_id: str) -> None:
    """Begins a live channel, if this process wins the claim. It lives on when the task is over."""
    from workers import session

    async def body(lease: Lease) -> None:
        await session.run(lease, public_id)

    _live_on(runtime.current().run(channel_run(public_id), body))


@shared_task(name="run_gateway")
def run_gateway(number: str = "0") -> None:
    """Begins one of the chat gateways, likewise."""
    from workers.twitch import gateway

    async def body(lease: Lease) -> None:
        await gateway.run(lease, int(number))

    _live_on(runtime.current().run(gateway_run(int(number)), body))


def _live_on(run: Future[None] | None) -> None:
    if run is not None:
        pool.live_on(run)


def dispatch() -> int:
    """Starts what ought to run and does not. Returns how many dispatches were sent."""
    pairs = reconcile.tick()
    for run_name, worker in pairs:
        send(run_name, worker)
    return len(pairs)


def send(run_name: str, worker: str) -> None:
    """Hands one run to one worker process. The message soon expires, since the tick repeats what is lost."""
    kind, _, name = run_name.partition("/")
    options: dict[str, Any] = {"queue": worker_direct(worker), "expires": 2 * reconcile.REDISPATCH}
    current_app.send_task("run_gateway" if kind == "gateway" else "run_channel", (name,), **options)


@shared_task(name="tick")
def tick() -> None:
    """Each second, from beat."""
    if count := dispatch():
        log.info("%s runs dispatched", count)
    pulse.mark()


@shared_task(name="refresh_credentials")
def refresh_credentials() -> None:
    """Twitch tokens that end soon are renewed before anybody needs them."""
    from channels_app.twitch import tokens

    tokens.refresh_due_credentials()


@shared_task(name="validate_credentials")
def validate_credentials() -> None:
    """Twitch wants each token asked about at the start and hourly; a withdrawn permission shows here."""
    from channels_app.twitch import tokens

    tokens.validate_credentials()


@shared_task(name="forget_old")
def forget_old() -> None:
    """Hourly: how long each thing is kept stands in `limits_of_time`. What an erasure could not take out of SQLite's
    journal goes with it."""
    from channels_app import forgetting, limits_of_time
    from workers import refusals

    limits_of_time.obey()
    refusals.forget_old()
    forgetting.scrub()


@shared_task(name="make_export")
def make_export(export_pk: int) -> None:
    """The file somebody takes a channel's data along with. On live workers: it may take minutes."""
    from channels_app import exports

    exports.make(export_pk)


@shared_task(name="look_after_privacy")
def look_after_privacy() -> None:
    """Each half minute: exports whose message was lost, and channels whose week is over. Both may take minutes."""
    from channels_app import erasure, exports
    from channels_app.limits import alone

    with alone("look_after_privacy", LONGEST_LOOK) as mine:
        if mine:
            exports.make_waiting()
            erasure.erase_due()


@shared_task(name="return_reservations")
def return_reservations() -> None:
    """What turns of killed workers had reserved is given back."""
    from billing.ledger import release_expired

    if count := release_expired():
        log.info("%s reservations were given back", count)


@shared_task(name="check_version")
def check_version(report_pk: int) -> None:
    """A version is checked before it goes live. On live workers: it may take minutes, and must delay no tick."""
    from workers import preflight

    preflight.run(report_pk)


@shared_task(name="prune_presences")
def prune_presences() -> None:
    """Overlay pages that vanished without a word are forgotten."""
    from channels_app.overlay import presence

    presence.prune()


@shared_task(name="settle_redemptions")
def settle_redemptions() -> None:
    """Every few seconds: what was redeemed to talk to her is fulfilled when she was heard, and refunded when not."""
    from channels_app.twitch import rewards

    rewards.settle_due()


@shared_task(name="look_after_rewards")
def look_after_rewards() -> None:
    """Her rewards are there while she is live; redemptions that nobody told us of are found."""
    from channels_app.twitch import rewards

    rewards.look_after()
