"""The id.twitch.tv half of the Twitch on loopback: consent, tokens, validation, revocation."""

from __future__ import annotations

import secrets
import time
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.fakes.twitch_world import Token, World


def problem(status: int, message: str) -> web.Response:
    return web.json_response({"status": status, "message": message}, status=status)


class OAuth:
    """Routes under /oauth2. The person at the consent page is `consenting`; `deny` makes that person refuse."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.consenting = ""
        self.deny = False

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/oauth2/authorize", self.authorize),
            web.post("/oauth2/token", self.token),
            web.get("/oauth2/validate", self.validate),
            web.post("/oauth2/revoke", self.revoke),
        ]

    async def authorize(self, request: web.Request) -> web.Response:
        query = request.query
        if query.get("client_id") != self.world.client_id:
            return problem(400, "invalid client")
        if query.get("response_type") != "code" or not query.get("redirect_uri"):
            return problem(400, "missing redirect_uri or response_type")
        back = {"state": query["state"]} if "state" in query else {}
        if self.deny:
            back |= {"error": "access_denied", "error_description": "The user denied you access"}
        else:
            login = self.consenting or next(iter(self.world.accounts), "somebody")
            code, scopes = secrets.token_hex(15), tuple(query.get("scope", "").split())
            self.world.codes[code] = (self.world.account(login), scopes, query["redirect_uri"])
            back |= {"code": code, "scope": " ".join(scopes)}
        target = query["redirect_uri"]
        raise web.HTTPFound(f"{target}{'&' if '?' in target else '?'}{urlencode(back)}")

    async def token(self, request: web.Request) -> web.Response:
        # Parameters may come as a form or, as TwitchIO sends them, in the query.
        given = {**request.query, **{key: str(value) for key, value in (await request.post()).items()}}
        if given.get("client_id") != self.world.client_id:
            return problem(400, "invalid client")
        if given.get("client_secret") != self.world.client_secret:
            return problem(403, "invalid client secret")
        grant = given.get("grant_type")
        if grant == "client_credentials":
            return self._answer(self.world.issue(None, ()))
        if grant == "authorization_code":
            account, scopes, redirect = self.world.codes.pop(given.get("code", ""), (None, (), ""))
            if account is None or redirect != given.get("redirect_uri"):
                return problem(400, "Invalid authorization code")
            return self._answer(self._with_refresh(self.world.issue(account.id, scopes)))
        if grant == "refresh_token":
            return self._refresh(given.get("refresh_token", ""))
        return problem(400, "missing grant type")

    def _refresh(self, refresh: str) -> web.Response:
        old = self.world.refresh_tokens.get(refresh)
        if old is None:
            return problem(400, "Invalid refresh token")
        new = self.world.issue(old.user_id, old.scopes)
        if self.world.rotate_refresh:
            del self.world.refresh_tokens[refresh]
            return self._answer(self._with_refresh(new))
        new.refresh = refresh
        return self._answer(new)

    def _with_refresh(self, token: Token) -> Token:
        token.refresh = secrets.token_hex(25)
        self.world.refresh_tokens[token.refresh] = token
        return token

    def _answer(self, token: Token) -> web.Response:
        body: dict[str, Any] = {
            "access_token": token.value,
            "expires_in": int(token.expires_at - time.time()),
            "token_type": "bearer",
        }
        if token.user_id is not None:
            body |= {"refresh_token": token.refresh, "scope": list(token.scopes)}
        return web.json_response(body)

    async def validate(self, request: web.Request) -> web.Response:
        value = request.headers.get("Authorization", "").removeprefix("OAuth ").removeprefix("Bearer ")
        token = self.world.living(value)
        if token is None:
            return problem(401, "invalid access token")
        body: dict[str, Any] = {
            "client_id": self.world.client_id,
            "scopes": list(token.scopes) or None,
            "expires_in": int(token.expires_at - time.time()),
        }
        if token.user_id is not None and (account := self.world.by_id(token.user_id)):
            body |= {"login": account.login, "user_id": account.id}
        return web.json_response(body)

    async def revoke(self, request: web.Request) -> web.Response:
        given = {**request.query, **{key: str(value) for key, value in (await request.post()).items()}}
        token = self.world.tokens.pop(given.get("token", ""), None)
        if token is None:
            return problem(400, "Invalid token")
        return web.Response()
