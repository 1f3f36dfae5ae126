"""Twitch's HTTP API: the few calls we make, typed, with one error."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpx2
from django.conf import settings

from channels_app.outbound import tls_context
from channels_app.twitch.budget import Budget

TIMEOUT = httpx2.Timeout(5.0, connect=3.0)
PAGE = 100
EXPIRY_MARGIN = 120.0
"""Seconds before its end from which the application's token is no longer used."""


class TwitchError(Exception):
    """A call failed. `retryable`: later it may work. `status` is Twitch's, 0 when there was no answer.
    `retry_after` is seconds, where Twitch named a time."""

    def __init__(self, message: str, *, retryable: bool, status: int = 0, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retryable, self.status, self.retry_after = retryable, status, retry_after


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token pair; hidden from `repr`. `expires_in` is seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Validation:
    user_id: str
    login: str
    scopes: tuple[str, ...]
    expires_in: int


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    login: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Conduit:
    id: str
    shard_count: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """One EventSub subscription as Twitch holds it."""

    id: str
    type: str
    version: str
    status: str
    condition: tuple[tuple[str, str], ...]
    conduit_id: str


@dataclass(frozen=True, slots=True)
class Page:
    """A part of Twitch's list. `cursor` leads to the next, "" at the end; `total` counts all the application has."""

    found: list[Subscription]
    cursor: str
    total: int


class Helix:
    """A client for one application. Safe to share between threads. `budget` is what its own token may still ask;
    calls for a person have each person's."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        api_url: str,
        auth_url: str,
        *,
        clock: Callable[[], float] = time.time,
        passed: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` is Unix seconds; `passed` are those of any clock that nobody sets."""
        self.client_id = client_id
        self._secret = client_secret
        self._api, self._auth = api_url.rstrip("/"), auth_url.rstrip("/")
        self._clock = clock
        self._http = httpx2.Client(timeout=TIMEOUT, verify=tls_context())
        self._lock = threading.Lock()
        self._app: tuple[str, float] = ("", 0.0)
        self.budget = Budget(clock, clock=passed)

    # Tokens

    def refresh(self, refresh_token: str) -> Tokens:
        """A new pair for a refresh token. 400 and 401: the person must sign in again."""
        return self._grant({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def app_token(self) -> str:
        """The application's own token, made when it is missing or near its end."""
        with self._lock:
            value, expires = self._app
            if not value or expires - EXPIRY_MARGIN < self._clock():
                tokens = self._grant({"grant_type": "client_credentials"})
                value = tokens.access
                self._app = (value, self._clock() + tokens.expires_in)
            return value

    def validate(self, token: str) -> Validation:
        """Whose token this is and how long it lives. 401: it is dead."""
        data = self._send("GET", f"{self._auth}/validate", headers={"Authorization": f"OAuth {token}"})
        return Validation(
            user_id=str(data.get("user_id", "")),
            login=str(data.get("login", "")),
            scopes=tuple(data.get("scopes") or ()),
            expires_in=int(data["expires_in"]),
        )

    def revoke(self, token: str) -> None:
        """Gives a token back to Twitch."""
        self._send("POST", f"{self._auth}/revoke", data={"client_id": self.client_id, "token": token})

    def _grant(self, form: dict[str, str]) -> Tokens:
        form = form | {"client_id": self.client_id, "client_secret": self._secret}
        data = self._send("POST", f"{self._auth}/token", data=form)
        try:
            return Tokens(
                str(data["access_token"]),
                str(data.get("refresh_token", "")),
                int(data["expires_in"]),
                tuple(data.get("scope") or ()),
            )
        except (KeyError, TypeError, ValueError):
            raise TwitchError("Twitch sent a token answer we cannot read.", retryable=True) from None

    # People and streams

    def people(self, *, logins: Sequence[str] = (), ids: Sequence[str] = ()) -> list[Person]:
        """At most 100 accounts by login or id."""
        query = [("login", login) for login in logins] + [("id", user_id) for user_id in ids]
        rows = self._call("GET", "/users", params=query)["data"]
        return [Person(row["id"], row["login"], row["display_name"]) for row in rows]

    def live_ids(self, user_ids: Sequence[str]) -> set[str]:
        """Which of these broadcasters are streaming now."""
        live: set[str] = set()
        for start in range(0, len(user_ids), PAGE):
            query = [("user_id", user_id) for user_id in user_ids[start : start + PAGE]] + [("first", str(PAGE))]
            live |= {row["user_id"] for row in self._call("GET", "/streams", params=query)["data"]}
        return live

    # EventSub

    def conduits(self) -> list[Conduit]:
        return [Conduit(row["id"], row["shard_count"]) for row in self._call("GET", "/eventsub/conduits")["data"]]

    def create_conduit(self, shard_count: int) -> Conduit:
        [row] = self._call("POST", "/eventsub/conduits", json={"shard_count": shard_count})["data"]
        return Conduit(row["id"], row["shard_count"])

    def scale_conduit(self, conduit_id: str, shard_count: int) -> None:
        self._call("PATCH", "/eventsub/conduits", json={"id": conduit_id, "shard_count": shard_count})

    def shard_sessions(self, conduit_id: str) -> dict[str, str]:
        """WebSocket session of each shard that works. 404: the conduit is gone."""
        sessions: dict[str, str] = {}
        for page in self._pages("/eventsub/conduits/shards", {"conduit_id": conduit_id, "first": str(PAGE)}):
            for row in page["data"]:
                if row["status"] == "enabled":
                    sessions[str(row["id"])] = row["transport"].get("session_id", "")
        return sessions

    def subscription_page(self, conduit_id: str, cursor: str = "") -> Page:
        """A hundred of those made through this conduit, the oldest first."""
        query = {"conduit_id": conduit_id} | ({"after": cursor} if cursor else {})
        page = self._call("GET", "/eventsub/subscriptions", params=list(query.items()))
        cursor = str(page.get("pagination", {}).get("cursor", ""))
        return Page(_of_conduit(page, conduit_id), cursor, int(page.get("total", 0)))

    def subscriptions_of(self, conduit_id: str, user_id: str) -> list[Subscription]:
        """Those made through this conduit that name this account."""
        pages = self._pages("/eventsub/subscriptions", {"user_id": user_id})
        return [found for page in pages for found in _of_conduit(page, conduit_id)]

    def _pages(self, path: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = self._call("GET", path, params=list((query | ({"after": cursor} if cursor else {})).items()))
            yield page
            cursor = page.get("pagination", {}).get("cursor", "")
            if not cursor:
                return

    def subscribe(self, conduit_id: str, kind: str, version: str, condition: dict[str, str]) -> Subscription:
        """409: it exists already. 403: the broadcaster has not allowed it."""
        body = {
            "type": kind,
            "version": version,
            "condition": condition,
            "transport": {"method": "conduit", "conduit_id": conduit_id},
        }
        return _subscription(self._call("POST", "/eventsub/subscriptions", json=body)["data"][0])

    def unsubscribe(self, subscription_id: str) -> None:
        """Gone afterwards, also when it was gone before."""
        try:
            self._call("DELETE", "/eventsub/subscriptions", params=[("id", subscription_id)])
        except TwitchError as error:
            if error.status != 404:
                raise

    def write_chat(self, broadcaster_id: str, sender_id: str, text: str) -> bool:
        """A line in the broadcaster's chat. False when Twitch took it and did not show it."""
        body = {"broadcaster_id": broadcaster_id, "sender_id": sender_id, "message": text}
        rows = self._call("POST", "/chat/messages", json=body).get("data") or [{}]
        return bool(rows[0].get("is_sent"))

    # For a person

    def as_person(self, token: str, method: str, path: str, **request: Any) -> dict[str, Any]:
        """A call that only a person's own token may make. 401: it is dead, or lacks the scope."""
        return self._send(method, self._api + path, headers=self._headers(token), **request)

    # One request

    def _headers(self, token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}", "Client-Id": self.client_id}

    def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """With the application's token; a dead one is replaced once."""
        wait = self.budget.closed()
        if wait > 0:
            raise TwitchError(
                f"Twitch's request limit is used up for {wait:.0f} s.", retryable=True, status=429, retry_after=wait
            )
        token = self.app_token()
        try:
            return self._send(method, self._api + path, budget=self.budget, headers=self._headers(token), **request)
        except TwitchError as error:
            if error.status != 401:
                raise
        with self._lock:
            if self._app[0] == token:
                self._app = ("", 0.0)
        headers = self._headers(self.app_token())
        return self._send(method, self._api + path, budget=self.budget, headers=headers, **request)

    def _send(self, method: str, url: str, *, budget: Budget | None = None, **request: Any) -> dict[str, Any]:
        what = f"{method} {url.removeprefix(self._api).removeprefix(self._auth)}"
        told: dict[str, str] = {}
        status, rest = 0, 0.0
        if budget:
            budget.asked()
        try:
            response = self._http.request(method, url, **request)
            told, status = dict(response.headers), response.status_code
        except httpx2.HTTPError as error:
            # `from None`: a request's traceback may carry its headers.
            raise TwitchError(f"Twitch did not answer {what} ({type(error).__name__}).", retryable=True) from None
        finally:
            if budget:
                rest = budget.answered(told, refused=status == 429)
        if response.is_success:
            return _json(response)
        reason = str(_json(response).get("message", ""))[:160]
        raise TwitchError(
            f"Twitch refused {what}: {status} {reason}".rstrip(),
            retryable=status in {408, 429} or status >= 500,
            status=status,
            retry_after=rest,
        )


def _json(response: httpx2.Response) -> dict[str, Any]:
    try:
        data = response.json() if response.content else {}
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _of_conduit(page: dict[str, Any], conduit_id: str) -> list[Subscription]:
    # Twitch may ignore a filter it does not know; other transports are none of our business.
    return [_subscription(row) for row in page["data"] if row["transport"].get("conduit_id") == conduit_id]


def _subscription(row: dict[str, Any]) -> Subscription:
    condition = tuple(sorted((key, value) for key, value in row["condition"].items() if value))
    return Subscription(
        row["id"], row["type"], str(row["version"]), row["status"], condition, row["transport"].get("conduit_id", "")
    )


@lru_cache(maxsize=4)
def _client(client_id: str, client_secret: str, api_url: str, auth_url: str) -> Helix:
    return Helix(client_id, client_secret, api_url, auth_url)


def client() -> Helix:
    """The client of this site's application, one for each process."""
    env = settings.ENV
    return _client(
        env.TWITCH_CLIENT_ID, env.TWITCH_CLIENT_SECRET.get_secret_value(), env.TWITCH_API_URL, env.TWITCH_AUTH_URL
    )
