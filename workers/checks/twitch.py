"""Twitch: the application's keys, the way back from sign-in, EventSub, and what the broadcaster allowed."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.translation import gettext as _
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from channels_app.models import DesiredState, EventSubSubscription, TwitchCredential
from channels_app.twitch import scopes as wanted_scopes
from channels_app.twitch.helix import Helix, TwitchError
from workers.checks.finding import Found, fault, ok, warn
from workers.checks.surroundings import Surroundings


def _helix(around: Surroundings) -> Helix:
    """A client with nothing remembered, so that the keys are really tried."""
    env = around.env
    return Helix(
        env.TWITCH_CLIENT_ID, env.TWITCH_CLIENT_SECRET.get_secret_value(), env.TWITCH_API_URL, env.TWITCH_AUTH_URL
    )


def twitch_keys(around: Surroundings) -> Found:
    env = around.env
    if not env.has_twitch:
        if env.is_loopback:
            yield ok("twitch_keys", _("No Twitch application: local sign-in and typed chat only."))
        else:
            yield fault(
                "twitch_keys",
                _("There is no Twitch application, so nobody can sign in."),
                _("Register one and set TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET (docs/setup.md)."),
            )
        return
    try:
        _helix(around).app_token()
    except TwitchError as problem:
        if problem.retryable:
            yield fault(
                "twitch_keys",
                _("Twitch does not answer."),
                _("See that this machine reaches id.twitch.tv; Twitch's own state is at status.twitch.tv."),
                detail=str(problem),
            )
        else:
            yield fault(
                "twitch_keys",
                _("Twitch refuses the client ID or the client secret."),
                _("Copy both anew from your application's page in the Twitch developer console."),
                detail=str(problem),
            )
    else:
        yield ok("twitch_keys", _("Twitch accepts the application's keys."))


def redirect(around: Surroundings) -> Found:
    env = around.env
    if not env.has_twitch:
        return
    url = env.SITE_URL + reverse("social:complete", args=["twitch"])
    parts = urlsplit(env.SITE_URL)
    if parts.scheme == "http" and parts.hostname != "localhost":
        yield warn(
            "redirect",
            _("Twitch takes a redirect URL without https only for localhost, and SITE_URL is {url}.").format(
                url=env.SITE_URL
            ),
            _("Set SITE_URL=http://localhost:{port} and register {redirect} as the redirect URL.").format(
                port=parts.port or 80, redirect=url.replace(parts.hostname or "", "localhost", 1)
            ),
        )
    else:
        yield ok("redirect", _("The application's redirect URL must be exactly this one."), detail=url)


def eventsub(around: Surroundings) -> Found:
    """Opens the very connection chat arrives by, and waits for Twitch's welcome."""
    if not around.env.has_twitch:
        return
    try:
        with connect(around.env.TWITCH_EVENTSUB_URL, open_timeout=around.wait, close_timeout=1, proxy=None) as socket:
            welcome = socket.recv(timeout=around.wait)
    except (OSError, TimeoutError, WebSocketException) as problem:
        yield fault(
            "eventsub",
            _("The EventSub connection could not be opened ({reason}).").format(reason=type(problem).__name__),
            _("Let this machine open WebSockets to {host} (port 443).").format(
                host=urlsplit(around.env.TWITCH_EVENTSUB_URL).hostname
            ),
        )
        return
    if "session_welcome" in str(welcome):
        yield ok("eventsub", _("EventSub welcomes us."))
    else:
        yield fault(
            "eventsub",
            _("The EventSub address answers, but not like Twitch."),
            _("Remove TWITCH_EVENTSUB_URL from the environment, unless a simulator stands in for Twitch."),
        )


def sign_in(around: Surroundings) -> Found:
    """Whether the broadcaster's token works, and for what."""
    if not around.of_broadcaster:
        return
    again = _("Let the broadcaster sign in with Twitch again.")
    row, problem = around.credential, around.token_problem
    if row is None:
        yield fault("sign_in", _("There is no token for this channel."), again)
        return
    if row.state == TwitchCredential.State.RECONNECT or (problem is not None and not problem.retryable):
        yield fault("sign_in", _("The token has expired and Twitch does not renew it."), again, detail=row.problem)
        return
    if problem is not None:
        return  # Twitch does not answer: told by `twitch_keys`
    try:
        answer = _helix(around).validate(around.token)
    except TwitchError as error:
        if error.status == 401:
            yield fault("sign_in", _("The broadcaster took the permission back at Twitch."), again)
        return
    yield ok(
        "sign_in",
        _("The broadcaster's token works."),
        detail=_("{minutes} min left; renewed by itself").format(minutes=answer.expires_in // 60),
    )
    yield from _scopes(set(answer.scopes), again)


def _scopes(granted: set[str], again: str) -> Found:
    needed = set(wanted_scopes.CHAT) - granted
    useful = set(wanted_scopes.SIGN_IN) - granted - needed
    if needed:
        yield fault(
            "scopes", _("Permissions are missing, so chat cannot be read."), again, detail=", ".join(sorted(needed))
        )
    elif useful:
        yield warn("scopes", _("Some events will not be seen."), again, detail=", ".join(sorted(useful)))
    else:
        yield ok("scopes", _("Twitch allows everything she needs."))


def subscriptions(around: Surroundings) -> Found:
    if not around.of_broadcaster or around.channel is None:
        return
    rows = list(EventSubSubscription.objects.filter(channel=around.channel).order_by("type"))
    refused = [row for row in rows if row.state == EventSubSubscription.State.REFUSED]
    waiting = [row.type for row in rows if row.state == EventSubSubscription.State.WANTED]
    live = around.channel.desired_state == DesiredState.RUNNING
    if refused:
        yield fault(
            "subscriptions",
            _("Twitch refuses these events: {types}.").format(types=", ".join(row.type for row in refused)),
            _("Let the broadcaster sign in with Twitch again and allow everything that is asked."),
            detail=refused[0].problem,
        )
    elif live and (waiting or not rows):
        yield warn(
            "subscriptions",
            _("Twitch has not confirmed all events yet."),
            _("Wait a minute and check again. If it stays so, see the chat gateway above."),
            detail=", ".join(waiting),
        )
    elif rows:
        yield ok("subscriptions", _("Twitch sends this channel's events."), detail=str(len(rows)))
    else:
        yield ok("subscriptions", _("Events are subscribed when the channel is started."))


LOCAL = (redirect, subscriptions)
REMOTE = (twitch_keys, eventsub, sign_in)
