"""The processes and stores of the service: database, Redis, broker, web, workers, control, gateway."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx2
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from kombu import Connection
from redis import Redis, RedisError

from channels_app.outbound import tls_context
from workers.checks.finding import Found, fault, ok, warn
from workers.checks.surroundings import Surroundings
from workers.fleet import pulse
from workers.fleet.lease import gateway_runs, living_workers, owned
from workers.models import Run, WorkerProcess

STILL_TICKING = 15.0
"""Seconds since the last tick after which beat or the control worker is stuck; it ticks each second."""


def database(around: Surroundings) -> Found:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as problem:
        yield fault(
            "database",
            _("The database does not answer ({reason}).").format(reason=type(problem).__name__),
            _("Start it, and see that DATABASE_URL names its host, name and password."),
        )
    else:
        yield ok("database", _("The database answers."), detail=connection.vendor)


def migrations(around: Surroundings) -> Found:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return  # told by `database`
    if waiting:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _back in waiting[:5])
        count = len(waiting)
        yield fault(
            "migrations",
            ngettext("{count} migration waits.", "{count} migrations wait.", count).format(count=count),
            _("Run ./start.sh, or: python manage.py migrate"),
            detail=names,
        )
    else:
        yield ok("migrations", _("The database is up to date."))


def workers(around: Surroundings) -> Found:
    if around.database_problem:
        return
    count = around.live_workers
    if count:
        yield ok(
            "workers", ngettext("{count} worker is alive.", "{count} workers are alive.", count).format(count=count)
        )
    else:
        yield fault(
            "workers",
            _("No worker is alive, so nobody would speak."),
            _("Start the service with ./start.sh. If it runs, read live1.log in the data directory's log folder."),
        )


def control(around: Surroundings) -> Found:
    """The control worker and the beat that wakes it."""
    if around.database_problem:
        return
    mend = _("Start the service with ./start.sh. If it runs, read control.log and beat.log in the data directory.")
    if not WorkerProcess.objects.filter(living_workers(), kind=WorkerProcess.Kind.CONTROL).exists():
        yield fault("control", _("The control worker is not alive, so no channel would be started."), mend)
        return
    try:
        age = pulse.age(now=around.now)
    except RedisError:
        return  # told by `redis`
    if age is None or age > STILL_TICKING:
        yield fault("control", _("The control worker lives, but its clock (beat) stands still."), mend)
    else:
        yield ok("control", _("The control worker ticks."), detail=_("last {age} s ago").format(age=round(age)))


def gateway(around: Surroundings) -> Found:
    if around.database_problem or not around.env.has_twitch or not around.live_workers:
        return
    wanted = Run.objects.filter(name__in=gateway_runs())
    runs = set(wanted.filter(owned()).values_list("name", flat=True))
    missing = [name for name in gateway_runs() if name not in runs]
    mend = _("It is started again by itself within a minute. If not, the reason stands in the live worker's log.")
    if not missing:
        yield ok("gateway", _("The chat gateway runs."))
    elif runs:
        # Twitch sends everything to the sockets that are there; only new subscriptions wait for gateway/0.
        yield warn(
            "gateway", _("Not all chat gateways run; the others read all chats."), mend, detail=", ".join(missing)
        )
    else:
        last = wanted.exclude(last_error="").values_list("last_error", flat=True).first() or ""
        yield fault(
            "gateway", _("The chat gateway does not run, so no message arrives from Twitch."), mend, detail=last
        )


def redis(around: Surroundings) -> Found:
    client = Redis.from_url(
        around.env.redis_url, socket_timeout=around.wait / 2, socket_connect_timeout=around.wait / 2
    )
    try:
        client.ping()
    except RedisError as problem:
        embedded = around.env.embeds_redis
        yield fault(
            "redis",
            _("Redis does not answer ({reason}).").format(reason=type(problem).__name__),
            _("Start the service with ./start.sh: it brings its own Redis.")
            if embedded
            else _("Start it, and see that REDIS_URL names its host, port and password."),
        )
    else:
        yield ok("redis", _("Redis answers."))
    finally:
        client.close()


def broker(around: Surroundings) -> Found:
    """Only where it is a server of its own; otherwise it is the Redis above."""
    url = around.env.BROKER_URL
    if not url or url == around.env.REDIS_URL:
        return
    try:
        with Connection(
            url, connect_timeout=around.wait, transport_options={"socket_connect_timeout": around.wait}
        ) as link:
            link.ensure_connection(max_retries=1, timeout=max(1, round(around.wait)), reraise_as_library_errors=True)
    except Exception as problem:
        # Every transport has exceptions of its own.
        yield fault(
            "broker",
            _("The broker does not answer ({reason}).").format(reason=type(problem).__name__),
            _("Start it, and see that BROKER_URL names its host and password."),
        )
    else:
        yield ok("broker", _("The broker answers."), detail=urlsplit(url).scheme)


def port(around: Surroundings) -> Found:
    """Whether the address of the site is ours, free, or somebody else's."""
    env = around.env
    site = env.running_site
    where = urlsplit(site).netloc
    try:
        answer = httpx2.get(f"{site}/health/live", timeout=around.wait, verify=tls_context())
    except httpx2.HTTPError as problem:
        if env.is_loopback and not around.live_workers and isinstance(problem, httpx2.ConnectError):
            yield ok("port", _("{where} is free for the site.").format(where=where))
            return
        yield fault(
            "port",
            _("The site does not answer at {url} ({reason}).").format(url=site, reason=type(problem).__name__),
            _("Start the service with ./start.sh; behind a proxy, see that the proxy passes requests on to it.")
            if env.is_loopback
            else _("See that SITE_URL is the address of this site, that its name leads here, and that the proxy runs."),
        )
        return
    if _is_ours(answer):
        yield ok("port", _("The site answers at {url}.").format(url=site))
    elif env.is_loopback:
        yield fault(
            "port",
            _("Another program answers at {where}.").format(where=where),
            _("End that program, or start with another port: ./start.sh --port 8010"),
        )
    else:
        yield fault(
            "port",
            _("Something else than this site answers at {url}.").format(url=site),
            _("Write the address people use into SITE_URL, and let the proxy pass its requests on to this site."),
        )


def _is_ours(answer: httpx2.Response) -> bool:
    try:
        return bool(answer.json() == {"status": "live"})
    except ValueError:
        return False


LOCAL = (database, migrations, workers, control, gateway)
REMOTE = (redis, broker, port)
