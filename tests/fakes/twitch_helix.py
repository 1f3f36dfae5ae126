"""The api.twitch.tv half of the Twitch on loopback."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.fakes.twitch_points import Points
from tests.fakes.twitch_world import SCOPES_OF_TYPE, Conduit, Shard, Subscription, Token, World

PAGE = 100
MAX_COST = 10_000


class HelixError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message

    def response(self) -> web.Response:
        body = {"error": "Error", "status": self.status, "message": self.message}
        return web.json_response(body, status=self.status)


class Helix:
    """Routes under /helix. `page` is how many subscriptions one page holds."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.points = Points(world)
        self.page = PAGE
        self.reset_after = 1.0

    def routes(self) -> list[web.RouteDef]:
        table: list[tuple[str, str, Callable[[web.Request, Token], Awaitable[web.Response]]]] = [
            ("GET", "users", self.users),
            ("GET", "streams", self.streams),
            ("GET", "eventsub/conduits", self.conduits),
            ("POST", "eventsub/conduits", self.create_conduit),
            ("PATCH", "eventsub/conduits", self.update_conduit),
            ("DELETE", "eventsub/conduits", self.delete_conduit),
            ("GET", "eventsub/conduits/shards", self.shards),
            ("PATCH", "eventsub/conduits/shards", self.update_shards),
            ("GET", "eventsub/subscriptions", self.subscriptions),
            ("POST", "eventsub/subscriptions", self.subscribe),
            ("DELETE", "eventsub/subscriptions", self.unsubscribe),
            ("POST", "chat/messages", self.write_chat),
            *self.points.handlers(),
        ]
        return [web.route(method, f"/helix/{path}", self._guarded(handler)) for method, path, handler in table]

    def _guarded(
        self, handler: Callable[[web.Request, Token], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            world = self.world
            token = world.living(request.headers.get("Authorization", "").removeprefix("Bearer "))
            if token is None:
                return HelixError(401, "Invalid OAuth token").response()
            if request.headers.get("Client-Id") != world.client_id:
                return HelixError(401, "Client ID and OAuth token do not match").response()
            # A person's token has a bucket of its own, which nobody here empties.
            bucket = world.bucket if token.user_id is None else None
            if bucket is not None and not bucket.take():
                response = HelixError(429, "Too Many Requests").response()
                response.headers.update(bucket.headers())
                return response
            reset = str(int(time.time() + self.reset_after))
            full = {"Ratelimit-Limit": "800", "Ratelimit-Remaining": "799", "Ratelimit-Reset": reset}
            try:
                response = await handler(request, token)
            except HelixError as error:
                response = error.response()
            response.headers.update(bucket.headers() if bucket is not None else full)
            return response

        return guarded

    async def users(self, request: web.Request, token: Token) -> web.Response:
        ids, logins = request.query.getall("id", []), request.query.getall("login", [])
        if not ids and not logins:
            if token.user_id is None:
                raise HelixError(400, "The ID or login is required with an app access token.")
            ids = [token.user_id]
        found = [account for account in self.world.accounts.values() if account.id in ids or account.login in logins]
        data = []
        for account in found:
            row = {
                "id": account.id, "login": account.login, "display_name": account.display_name, "type": "",
                "broadcaster_type": "affiliate", "description": "", "offline_image_url": "", "view_count": 0,
                "profile_image_url": f"https://static-cdn.jtvnw.net/{account.login}.png",
                "created_at": "2020-01-01T00:00:00Z",
            }  # fmt: skip
            if account.email and account.id == token.user_id and "user:read:email" in token.scopes:
                row["email"] = account.email
            data.append(row)
        return web.json_response({"data": data})

    async def streams(self, request: web.Request, _token: Token) -> web.Response:
        data = []
        for user_id in request.query.getall("user_id", []):
            account = self.world.by_id(user_id) if user_id in self.world.live else None
            if account is not None:
                stream = {"id": self.world.live[user_id], "type": "live", "started_at": "2026-11-01T12:00:00Z"}
                data.append({**account.as_user(), **stream, "title": "Testing", "viewer_count": 3})
        return web.json_response({"data": data, "pagination": {}})

    async def conduits(self, _request: web.Request, _token: Token) -> web.Response:
        return web.json_response({"data": [self._conduit(c) for c in self.world.conduits.values()]})

    def _conduit(self, conduit: Conduit) -> dict[str, Any]:
        return {"id": conduit.id, "shard_count": len(conduit.shards)}

    async def create_conduit(self, request: web.Request, token: Token) -> web.Response:
        self._application_only(token)
        if len(self.world.conduits) >= 5:
            raise HelixError(429, "maximum number of conduits reached")
        conduit = Conduit(secrets.token_hex(8), [])
        self._scale(conduit, await self._number(request, "shard_count"))
        self.world.conduits[conduit.id] = conduit
        return web.json_response({"data": [self._conduit(conduit)]})

    async def update_conduit(self, request: web.Request, token: Token) -> web.Response:
        self._application_only(token)
        conduit = self._found(str((await self._given(request)).get("id", "")))
        self._scale(conduit, await self._number(request, "shard_count"))
        return web.json_response({"data": [self._conduit(conduit)]})

    async def delete_conduit(self, request: web.Request, _token: Token) -> web.Response:
        conduit = self._found(request.query.get("id", ""))
        del self.world.conduits[conduit.id]
        for subscription in list(self.world.subscriptions.values()):
            if subscription.transport.get("conduit_id") == conduit.id:
                del self.world.subscriptions[subscription.id]
        return web.Response(status=204)

    def _scale(self, conduit: Conduit, count: int) -> None:
        conduit.shards = conduit.shards[:count]
        conduit.shards += [Shard(str(number)) for number in range(len(conduit.shards), count)]

    async def shards(self, request: web.Request, _token: Token) -> web.Response:
        conduit = self._found(request.query.get("conduit_id", ""))
        data = [
            {"id": s.id, "status": s.status, "transport": {"method": "websocket", "session_id": s.session_id}}
            for s in conduit.shards
        ]
        return web.json_response({"data": data, "pagination": {}})

    async def update_shards(self, request: web.Request, token: Token) -> web.Response:
        self._application_only(token)
        given = await self._given(request)
        conduit = self._found(str(given.get("conduit_id", "")))
        data, errors = [], []
        for wanted in given["shards"]:
            shard = next((s for s in conduit.shards if s.id == str(wanted["id"])), None)
            session = str(wanted["transport"].get("session_id", ""))
            if shard is None or session not in self.world.sockets:
                errors.append({"id": str(wanted["id"]), "message": "no such shard or session", "code": "invalid"})
                continue
            shard.session_id, shard.status = session, "enabled"
            data.append({"id": shard.id, "status": "enabled", "transport": wanted["transport"]})
        return web.json_response({"data": data, "errors": errors}, status=202)

    async def subscriptions(self, request: web.Request, _token: Token) -> web.Response:
        query, all_ = request.query, self.world.subscriptions
        if sum(name in query for name in ("status", "type", "user_id")) > 1:
            raise HelixError(400, "only one filter may be given")
        page: list[Subscription] = []
        place, more = int(query.get("after") or 0), False
        for behind, row in all_.after(place):
            if (
                query.get("status", row.status) == row.status
                and query.get("type", row.type) == row.type
                and query.get("user_id", row.channel_id) in row.condition.values()
                and query.get("conduit_id") in (None, row.transport.get("conduit_id"))
            ):
                if len(page) == self.page:
                    more = True
                    break
                page.append(row)
            place = behind
        return web.json_response(
            {
                "data": [row.as_data() for row in page],
                "total": len(all_),
                "total_cost": all_.cost,
                "max_total_cost": MAX_COST,
                "pagination": {"cursor": str(place)} if more else {},
            }
        )

    async def subscribe(self, request: web.Request, token: Token) -> web.Response:
        given = await self._given(request)
        kind, condition, transport = given["type"], dict(given["condition"]), dict(given["transport"])
        if kind not in SCOPES_OF_TYPE or (kind, str(given["version"])) in self.world.given_up:
            raise HelixError(400, f"invalid subscription type and version: {kind} {given['version']}")
        new = Subscription(secrets.token_hex(8), kind, str(given["version"]), condition, transport)
        if transport["method"] == "conduit":
            self._application_only(token)
            self._found(transport["conduit_id"])
        elif transport.get("session_id") not in self.world.sockets:
            raise HelixError(400, "websocket transport session does not exist or has already disconnected")
        if self.world.by_id(new.channel_id) is None:
            raise HelixError(400, "no such broadcaster")
        if not SCOPES_OF_TYPE[kind] <= self.world.grants.get(new.channel_id, set()):
            raise HelixError(403, "subscription missing proper authorization")
        for old in self.world.subscriptions.of(new.channel_id):
            if (old.type, old.condition, old.transport) == (kind, condition, transport) and old.status == "enabled":
                raise HelixError(409, "subscription already exists")
        new.cost = 0 if new.channel_id in self.world.grants else 1
        self.world.subscriptions[new.id] = new
        subscriptions = self.world.subscriptions
        body = {"data": [new.as_data()], "total": len(subscriptions), "total_cost": subscriptions.cost}
        return web.json_response(body | {"max_total_cost": MAX_COST}, status=202)

    async def unsubscribe(self, request: web.Request, _token: Token) -> web.Response:
        if not self.world.subscriptions.remove(request.query.get("id", "")):
            raise HelixError(404, "subscription not found")
        return web.Response(status=204)

    async def write_chat(self, request: web.Request, token: Token) -> web.Response:
        given = await self._given(request)
        self._application_only(token)
        if not {"user:write:chat", "user:bot"} <= self.world.grants.get(str(given["sender_id"]), set()):
            raise HelixError(403, "The sender must have authorized the app with user:write:chat.")
        text = str(given["message"])
        if not 0 < len(text) <= 500:
            raise HelixError(400, "The message must have 1 to 500 characters.")
        sent = not self.world.chat_drops
        if sent:
            self.world.chat_lines.append((str(given["broadcaster_id"]), text))
        reason = None if sent else {"code": "msg_rejected", "message": "Your message is being checked."}
        return web.json_response(
            {"data": [{"message_id": secrets.token_hex(8), "is_sent": sent, "drop_reason": reason}]}
        )

    def _application_only(self, token: Token) -> None:
        if token.user_id is not None:
            raise HelixError(401, "this needs an app access token")

    def _found(self, conduit_id: str) -> Conduit:
        if conduit_id not in self.world.conduits:
            raise HelixError(404, "conduit not found")
        return self.world.conduits[conduit_id]

    async def _given(self, request: web.Request) -> dict[str, Any]:
        body: dict[str, Any] = await request.json() if request.body_exists else {}
        return {**request.query, **body}

    async def _number(self, request: web.Request, name: str) -> int:
        count = int((await self._given(request)).get(name, 0))
        if not 1 <= count <= 20_000:
            raise HelixError(400, f"{name} must be 1 to 20000")
        return count
