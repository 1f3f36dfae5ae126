"""Channel points of the Twitch on loopback: rewards of applications, redemptions, and who may settle them."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.fakes.twitch_world import Token, World

MANAGE = "channel:manage:redemptions"
MOST_REWARDS = 50


@dataclass
class Reward:
    """`client_id` is the application that made it: no other may change it or settle its redemptions."""

    id: str
    broadcaster_id: str
    client_id: str
    title: str
    cost: int
    prompt: str = ""
    needs_text: bool = False
    cooldown: int = 0
    paused: bool = False

    def as_data(self) -> dict[str, Any]:
        cooldown = {"is_enabled": self.cooldown > 0, "global_cooldown_seconds": self.cooldown}
        return {
            "id": self.id, "broadcaster_id": self.broadcaster_id, "title": self.title, "cost": self.cost,
            "prompt": self.prompt, "is_user_input_required": self.needs_text, "is_paused": self.paused,
            "is_enabled": True, "global_cooldown_setting": cooldown,
        }  # fmt: skip


@dataclass
class Redemption:
    id: str
    reward: Reward
    user: dict[str, Any]
    text: str
    redeemed_at: str
    status: str = "UNFULFILLED"
    settled: int = 0
    """How often its status was changed; more than once would be a fault of Twitch."""

    def as_data(self) -> dict[str, Any]:
        reward = {name: self.reward.as_data()[name] for name in ("id", "title", "prompt", "cost")}
        when = {"status": self.status, "redeemed_at": self.redeemed_at}
        return {"id": self.id, **self.user, "user_input": self.text, **when, "reward": reward}


class PointsError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


Handler = Callable[[web.Request, Token], Awaitable[web.Response]]


class Points:
    """Routes under /helix/channel_points. `affiliates` are ids of broadcasters that have channel points."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rewards: dict[str, Reward] = {}
        self.redemptions: dict[str, Redemption] = {}
        self.without_points: set[str] = set()
        """Ids of broadcasters who are neither affiliates nor partners."""
        self.answers_lost = 0
        """So many changes are made and their answers lost on the way."""

    def handlers(self) -> list[tuple[str, str, Handler]]:
        base = "channel_points/custom_rewards"
        return [
            ("POST", base, self._told(self.create)),
            ("GET", base, self._told(self.listed)),
            ("PATCH", base, self._told(self.update)),
            ("DELETE", base, self._told(self.delete)),
            ("GET", f"{base}/redemptions", self._told(self.redeemed)),
            ("PATCH", f"{base}/redemptions", self._told(self.settle)),
        ]

    def _told(self, handler: Handler) -> Handler:
        async def told(request: web.Request, token: Token) -> web.Response:
            try:
                self._may(request, token)
                return await handler(request, token)
            except PointsError as error:
                body = {"error": "Error", "status": error.status, "message": error.message}
                return web.json_response(body, status=error.status)

        return told

    def _may(self, request: web.Request, token: Token) -> None:
        broadcaster = request.query.get("broadcaster_id", "")
        if token.user_id is None or token.user_id != broadcaster:
            raise PointsError(
                401, "The ID in broadcaster_id must match the user ID found in the request's OAuth token."
            )
        if MANAGE not in token.scopes:
            raise PointsError(401, "Missing scope: channel:manage:redemptions")
        if broadcaster in self.without_points:
            raise PointsError(403, "The broadcaster doesn't have partner or affiliate status.")

    async def create(self, request: web.Request, _token: Token) -> web.Response:
        broadcaster, given = request.query["broadcaster_id"], await request.json()
        mine = [reward for reward in self.rewards.values() if reward.broadcaster_id == broadcaster]
        if any(reward.title.casefold() == str(given["title"]).casefold() for reward in mine):
            raise PointsError(400, "CREATE_CUSTOM_REWARD_DUPLICATE_REWARD")
        if len(mine) >= MOST_REWARDS:
            raise PointsError(400, "CREATE_CUSTOM_REWARD_TOO_MANY_REWARDS")
        made = Reward(secrets.token_hex(8), broadcaster, self.world.client_id, "", 0)
        self._change(made, given)
        self.rewards[made.id] = made
        return self._answer({"data": [made.as_data()]})

    async def listed(self, request: web.Request, _token: Token) -> web.Response:
        only = request.query.get("only_manageable_rewards") == "true"
        found = [
            reward.as_data()
            for reward in self.rewards.values()
            if reward.broadcaster_id == request.query["broadcaster_id"]
            and (not only or reward.client_id == self.world.client_id)
        ]
        return web.json_response({"data": found})

    async def update(self, request: web.Request, _token: Token) -> web.Response:
        reward = self._own(request.query.get("id", ""))
        self._change(reward, await request.json())
        return self._answer({"data": [reward.as_data()]})

    async def delete(self, request: web.Request, _token: Token) -> web.Response:
        del self.rewards[self._own(request.query.get("id", "")).id]
        return web.Response(status=204)

    async def redeemed(self, request: web.Request, _token: Token) -> web.Response:
        reward = self._own(request.query.get("reward_id", ""))
        ids, status = request.query.getall("id", []), request.query.get("status", "")
        found = [
            each.as_data()
            for each in self.redemptions.values()
            if each.reward is reward and (each.id in ids if ids else each.status == status)
        ]
        if ids and not found:
            raise PointsError(404, "The redemptions were not found.")
        return web.json_response({"data": found, "pagination": {}})

    async def settle(self, request: web.Request, _token: Token) -> web.Response:
        reward = self._own(request.query.get("reward_id", ""))
        found = [self.redemptions[one] for one in request.query.getall("id", []) if one in self.redemptions]
        if not found or any(each.reward is not reward or each.status != "UNFULFILLED" for each in found):
            raise PointsError(404, "The redemptions were not found or their statuses weren't marked as UNFULFILLED.")
        for each in found:
            each.status, each.settled = str((await request.json())["status"]), each.settled + 1
        return self._answer({"data": [each.as_data() for each in found]})

    def _answer(self, body: dict[str, Any]) -> web.Response:
        if self.answers_lost:
            self.answers_lost -= 1
            raise PointsError(503, "lost on the way")
        return web.json_response(body)

    def _own(self, reward_id: str) -> Reward:
        reward = self.rewards.get(reward_id)
        if reward is None:
            raise PointsError(404, "The custom reward specified in the id query parameter was not found.")
        if reward.client_id != self.world.client_id:
            raise PointsError(403, "The ID in the Client-Id header must match the client ID used to create the reward.")
        return reward

    def _change(self, reward: Reward, given: dict[str, Any]) -> None:
        reward.title = str(given.get("title", reward.title))
        reward.cost = int(given.get("cost", reward.cost))
        reward.prompt = str(given.get("prompt", reward.prompt))
        reward.needs_text = bool(given.get("is_user_input_required", reward.needs_text))
        reward.paused = bool(given.get("is_paused", reward.paused))
        if "is_global_cooldown_enabled" in given:
            reward.cooldown = int(given.get("global_cooldown_seconds", 0)) * bool(given["is_global_cooldown_enabled"])
