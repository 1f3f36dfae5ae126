"""What goes in and out of the API, for its description and for whoever reads it; forms check some of it once more."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from channels_app.api.action_urls import LONGEST_TEXT
from channels_app.models import BadgePlace, Channel, DesiredState, Membership, Turn
from channels_app.models.channel import LEAST_IDLE, MOST_IDLE
from channels_app.powers import Power
from channels_app.talk import KINDS

if TYPE_CHECKING:
    Shape = serializers.Serializer[Any]
    TurnModelSerializer = serializers.ModelSerializer[Turn]
else:
    Shape, TurnModelSerializer = serializers.Serializer, serializers.ModelSerializer

LOGIN = r"^@?[A-Za-z0-9_]{1,25}$"


class Error(Shape):
    """Why not."""

    code = serializers.CharField(help_text="One word for programs, such as not_found, invalid, refused, throttled.")
    message = serializers.CharField(help_text="A sentence for people, in the language of Accept-Language.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.JSONField(), required=False, help_text="What is wrong, field by field, where code is invalid."
    )


class ChannelState(Shape):
    """The channel as it is now."""

    t = serializers.CharField(help_text="Always `state`.")
    state = serializers.ChoiceField(["idle", "muted", "offline"], help_text="What she does when nobody talks to her.")
    desired = serializers.ChoiceField(DesiredState.choices, help_text="What the broadcaster wants.")
    panic = serializers.BooleanField(help_text="Silenced until somebody lifts it.")
    suspended = serializers.BooleanField()
    reauthorise = serializers.BooleanField(help_text="The broadcaster has to sign in with Twitch again.")
    online = serializers.BooleanField(help_text="Whether the stream is live on Twitch.")
    overlays = serializers.IntegerField(help_text="Connected overlay pages.")
    previews = serializers.IntegerField()
    audible = serializers.BooleanField(help_text="Whether one of them plays sound.")


@extend_schema_serializer(component_name="Channel")
class ChannelShape(Shape):
    """A channel, and what may be changed of it."""

    public_id = serializers.CharField(read_only=True, help_text="Stands in the address of everything of the channel.")
    display_name = serializers.CharField(read_only=True)
    login = serializers.CharField(read_only=True)
    role = serializers.ChoiceField(Membership.Role.choices, read_only=True, help_text="Yours in this channel.")
    desired = serializers.ChoiceField(DesiredState.choices, read_only=True)
    panic = serializers.BooleanField(read_only=True)
    mouth_offset_ms = serializers.IntegerField(min_value=-200, max_value=300, help_text="Later (+) or earlier (-).")
    ai_badge = serializers.ChoiceField(BadgePlace.choices, help_text="Where the overlay says that she is an AI.")
    idle_seconds = serializers.IntegerField(
        min_value=0, max_value=MOST_IDLE, help_text=f"Silence before she talks by herself: 0, or from {LEAST_IDLE} on."
    )
    ignored_chatters = serializers.ListField(
        child=serializers.RegexField(LOGIN), max_length=200, help_text="Logins she never answers."
    )

    def validate_idle_seconds(self, seconds: int) -> int:
        if 0 < seconds < LEAST_IDLE:
            raise serializers.ValidationError(_("At least %(least)s, or 0 for never.") % {"least": LEAST_IDLE})
        return seconds

    def validate_ignored_chatters(self, logins: list[str]) -> list[str]:
        return list(dict.fromkeys(login.lower().removeprefix("@") for login in logins))


def channel_shape(channel: Channel, role: str) -> dict[str, Any]:
    """What `ChannelShape` describes."""
    return {
        "public_id": channel.public_id,
        "display_name": channel.display_name,
        "login": channel.login,
        "role": role,
        "desired": channel.desired_state,
        "panic": channel.panic_since is not None,
        "mouth_offset_ms": channel.mouth_offset_ms,
        "ai_badge": channel.ai_badge,
        "idle_seconds": channel.idle_seconds,
        "ignored_chatters": channel.ignored_chatters,
    }


class ChannelList(Shape):
    results = ChannelShape(many=True)


class Line(Shape):
    """A line or an event by a pretended chatter."""

    name = serializers.CharField(max_length=40, help_text="The chatter. The same name is always the same chatter.")
    text = serializers.CharField(max_length=500, required=False, allow_blank=True)
    kind = serializers.ChoiceField(KINDS, help_text="`message` is a line in chat.")
    amount = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, help_text="Bits, gifted subs or raiders."
    )


class Words(Shape):
    """A text she says word for word, once the safety rules let it pass."""

    text = serializers.CharField(max_length=LONGEST_TEXT)


class EventId(Shape):
    event = serializers.CharField(max_length=80, help_text="Id of what waits, as the queue names it.")


class TurnId(Shape):
    turn = serializers.UUIDField(help_text="Id of the reply, as the queue names it.")


class TurnFrom(TurnId):
    first = serializers.IntegerField(
        min_value=0, max_value=10_000, required=False, help_text="kill: the first sentence that shall not be heard."
    )


class OverlayURL(Shape):
    url = serializers.CharField(help_text="Shown this once.")


class Revoked(Shape):
    revoked = serializers.IntegerField(help_text="How many were closed.")


class MouthOffset(Shape):
    key = serializers.IntegerField(help_text="Number of the overlay URL.")
    mouth_offset_ms = serializers.IntegerField(min_value=-500, max_value=500, allow_null=True, required=False)


@extend_schema_serializer(component_name="Tip")
class TipShape(Shape):
    """Money given outside of Twitch."""

    amount = serializers.DecimalField(
        max_digits=18,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        help_text="In units of the currency, such as 4.50.",
    )
    currency = serializers.RegexField(r"^[A-Za-z]{3}$", default="USD", help_text="ISO 4217, such as EUR.")
    name = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Who gave it. Empty: nobody is named."
    )
    message = serializers.CharField(
        max_length=5000, required=False, allow_blank=True, help_text="What was written beside it."
    )
    id = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Yours: the same id again is the same tip."
    )
    test = serializers.BooleanField(required=False, help_text="Tried out: she answers, and it is no income.")


class Queue(Shape):
    """Who is answered and who waits, as the run told just now."""

    live = serializers.BooleanField(help_text="False: she is not live, or her run did not answer in time.")
    now = serializers.ListField(child=serializers.DictField(), help_text="Being answered: id, name, text, state.")
    drafts = serializers.ListField(child=serializers.DictField(), help_text="Written replies that wait for approval.")
    held = serializers.ListField(child=serializers.DictField(), help_text="Sentences that are held back.")
    waiting = serializers.ListField(child=serializers.DictField(), help_text="Those who wait, first things first.")
    more = serializers.IntegerField(help_text="How many wait beyond these.")


class TurnSerializer(TurnModelSerializer):
    """One reply. What it cost is null for who may not see that."""

    cost_micros = serializers.IntegerField(read_only=True, allow_null=True)
    cost_exact = serializers.BooleanField(read_only=True, allow_null=True)

    class Meta:
        model = Turn
        fields = (
            "id", "persona_name", "trigger", "chatter_name", "asked", "said", "heard", "outcome", "reason", "verdict",
            "evidence", "timings_ms", "brain", "voice", "voice_stood_in", "prompt_tokens", "completion_tokens",
            "characters", "cost_micros", "cost_exact", "created_at", "heard_at", "ended_at",
        )  # fmt: skip

    def to_representation(self, instance: Turn) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(instance)
        if Power.COSTS not in self.context["view"].powers:
            told |= {"cost_micros": None, "cost_exact": None}
        return told


class TurnQuery(Shape):
    """Which of the turns."""

    outcome = serializers.ChoiceField(Turn.Outcome.choices, required=False)
    chatter = serializers.CharField(max_length=80, required=False, help_text="Part of the chatter's name.")
    text = serializers.CharField(max_length=200, required=False, help_text="Part of what was asked or said.")
    since = serializers.DateTimeField(required=False, help_text="Not before (ISO 8601).")
    until = serializers.DateTimeField(required=False, help_text="Before (ISO 8601).")
