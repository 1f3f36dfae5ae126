"""Twitch's calls about channel points, with the broadcaster's own token; and their refusals in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.models import Channel
from channels_app.twitch import helix, tokens
from channels_app.twitch.helix import TwitchError

REWARDS = "/channel_points/custom_rewards"
REDEMPTIONS = f"{REWARDS}/redemptions"
NEEDS_CONSENT = gettext_lazy(
    "Twitch asks for your permission to manage channel points. Sign in with Twitch again to give it."
)
FULFILLED, CANCELED, UNFULFILLED = "FULFILLED", "CANCELED", "UNFULFILLED"


@dataclass(frozen=True, slots=True)
class Redeemed:
    """One redemption as Twitch holds it; `redeemed_at` is ISO 8601."""

    id: str
    status: str
    user_id: str
    user_name: str
    text: str
    title: str
    redeemed_at: str


class Points:
    """A channel's rewards. Every call raises TwitchError."""

    def __init__(self, channel: Channel) -> None:
        """Raises TwitchError where the broadcaster must sign in again."""
        self._who = {"broadcaster_id": str(channel.twitch_id)}
        self._token = tokens.access_token(channel)
        self._helix = helix.client()

    def create(self, reward: dict[str, Any]) -> str:
        """The new reward's id."""
        return str(self._call("POST", REWARDS, {}, json=reward)["data"][0]["id"])

    def update(self, reward_id: str, reward: dict[str, Any]) -> None:
        """404: it is gone."""
        self._call("PATCH", REWARDS, {"id": reward_id}, json=reward)

    def delete(self, reward_id: str) -> None:
        """Gone afterwards, also when it was gone before."""
        try:
            self._call("DELETE", REWARDS, {"id": reward_id})
        except TwitchError as error:
            if error.status != 404:
                raise

    def ours(self) -> dict[str, str]:
        """The rewards we made, id by title."""
        rows = self._call("GET", REWARDS, {"only_manageable_rewards": "true"})["data"]
        return {str(row["title"]).casefold(): str(row["id"]) for row in rows}

    def settle(self, reward_id: str, redemption_id: str, status: str) -> None:
        """404: it is no longer unfulfilled, or gone."""
        self._call("PATCH", REDEMPTIONS, {"reward_id": reward_id, "id": redemption_id}, json={"status": status})

    def status_of(self, reward_id: str, redemption_id: str) -> str:
        """404: it is gone."""
        rows = self._call("GET", REDEMPTIONS, {"reward_id": reward_id, "id": redemption_id})["data"]
        return str(rows[0]["status"])

    def unfulfilled(self, reward_id: str) -> list[Redeemed]:
        """The oldest fifty that wait."""
        query = {"reward_id": reward_id, "status": UNFULFILLED, "sort": "OLDEST", "first": "50"}
        return [
            Redeemed(
                str(row["id"]), str(row["status"]), str(row["user_id"]), str(row["user_name"]),
                str(row["user_input"] or ""), str(row["reward"]["title"]), str(row["redeemed_at"]),
            )
            for row in self._call("GET", REDEMPTIONS, query)["data"]
        ]  # fmt: skip

    def _call(self, method: str, path: str, query: dict[str, str], **request: Any) -> dict[str, Any]:
        return self._helix.as_person(self._token, method, path, params=self._who | query, **request)


def in_words(error: TwitchError) -> str:
    """What went wrong and what to do, for the broadcaster."""
    told = str(error)
    if error.status == 403 and "affiliate" in told:
        return _("Twitch gives channel points to affiliates and partners only, and this channel is neither yet.")
    if "DUPLICATE_REWARD" in told:
        return _("There is another reward with this title on your channel. Choose another title.")
    if "TOO_MANY_REWARDS" in told:
        return _("Your channel has as many rewards as Twitch allows. Remove one on Twitch first.")
    if error.status == 403:
        return _("Twitch lets only the program that made a reward change it, and this one was made elsewhere.")
    if error.status == 401:
        return str(NEEDS_CONSENT)
    if error.status == 404:
        return _("The reward is no longer on Twitch. Save it again to make a new one.")
    return _("Twitch did not answer. Try again in a minute.")
