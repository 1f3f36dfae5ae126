"""This room's entries in the register of personal data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from channels_app import chatters
from channels_app.models import (
    ActionURL,
    ApiToken,
    AuditEvent,
    Channel,
    ChannelReward,
    Consent,
    DataExport,
    EventSubSubscription,
    Invitation,
    Membership,
    MemoryFact,
    MemoryOptOut,
    OverlayKey,
    OverlayPresence,
    PaidEvent,
    PanicKey,
    ProviderAccess,
    SafetyCase,
    StreamSummary,
    Turn,
    TwitchCredential,
    User,
)
from channels_app.privacy import Holding, OfChatters, Whose, erase_chatters_with, register

SECRET = _("a secret, which is in no export")
THEIRS = _("words, names and ids of other people are theirs")
HOUSE = _("serves the running of the service and tells nothing about you")

MINE = frozenset({Whose.BROADCASTER})
MEMBERS = frozenset({Whose.BROADCASTER, Whose.MEMBER})
CHATTERS = frozenset({Whose.CHATTER})


def enter() -> None:
    """Once, when Django starts."""
    erase_chatters_with(chatters.erase_here)
    for holding in (*_people(), *_channel(), *_keys(), *_show(), *_memory(), *_records()):
        register(holding)


def _people() -> list[Holding]:
    return [
        Holding(
            User,
            _("your account"),
            frozenset({Whose.BROADCASTER, Whose.MEMBER, Whose.OPERATOR}),
            columns=(
                "username", "display_name", "twitch_id", "email", "first_name", "last_name", "avatar_url",
                "date_joined", "last_login",
            ),
            withheld={
                "password": SECRET, "is_active": HOUSE, "is_staff": HOUSE, "is_superuser": HOUSE,
            },
            rows=lambda channel: User.objects.filter(pk=channel.broadcaster_id),
        ),
        Holding(
            TwitchCredential,
            _("your permission on Twitch"),
            MINE,
            columns=("scopes", "state", "expires_at", "validated_at", "problem"),
            withheld={
                "access_token": SECRET, "refresh_token": SECRET, "user": HOUSE, "refreshed_at": HOUSE,
                "refreshing_until": HOUSE,
            },
            rows=lambda channel: TwitchCredential.objects.filter(user_id=channel.broadcaster_id),
        ),
        Holding(
            Consent,
            _("what you agreed to"),
            MEMBERS,
            columns=("version", "language", "at"),
            withheld={"user": HOUSE},
            rows=lambda channel: Consent.objects.filter(user_id=channel.broadcaster_id),
        ),
        Holding(
            Membership,
            _("who helps you"),
            MEMBERS,
            columns=("user__display_name", "role", "powers", "created_at"),
        ),
        Holding(
            Invitation,
            _("invitations that wait"),
            MEMBERS,
            columns=("login", "powers", "created_by__display_name", "created_at", "expires_at"),
            withheld={"digest": SECRET},
        ),
    ]  # fmt: skip


def _channel() -> list[Holding]:
    return [
        Holding(
            Channel,
            _("your channel and its settings"),
            frozenset({Whose.BROADCASTER, Whose.CHATTER}),
            columns=(
                "public_id", "login", "display_name", "twitch_id", "desired_state", "suspended_at", "suspended_reason",
                "panic_since", "reauthorise_since", "stream_online", "stream_checked_at", "look", "captions",
                "caption_style", "mouth_offset_ms", "ignored_chatters", "safety_profile", "banned_words",
                "allowed_words", "delay_seconds", "approval_seconds", "panic_command", "ai_badge", "remembers",
                "idle_seconds", "entitlements", "created_at", "erase_after",
            ),
            withheld={"broadcaster": HOUSE, "is_demo": HOUSE, "audio_owner": HOUSE, "audio_owner_until": HOUSE},
            rows=lambda channel: Channel.objects.filter(pk=channel.pk),
            of_chatters=OfChatters(
                chatters.ignored,
                chatters.ignored_told,
                kept_because=_("the broadcaster asked her not to answer this chatter"),
            ),
        ),
        Holding(
            EventSubSubscription,
            _("what Twitch tells us of"),
            MINE,
            columns=("type", "state", "problem", "updated_at"),
            withheld={"twitch_id": HOUSE},
        ),
        Holding(
            ChannelReward,
            _("your channel-point reward"),
            MINE,
            columns=("twitch_id", "title", "cost", "prompt", "cooldown_seconds", "paused", "problem", "created_at"),
        ),
    ]  # fmt: skip


def _keys() -> list[Holding]:
    return [
        Holding(
            ProviderAccess,
            _("your own providers"),
            MINE,
            columns=("kind", "base_url", "model", "voice", "updated_at"),
            withheld={"api_key": SECRET},
        ),
        Holding(
            OverlayKey,
            _("your overlay URLs"),
            MINE,
            columns=(
                "hint", "created_at", "expires_at", "revoked_at", "last_seen_at", "last_seen_ip", "mouth_offset_ms",
            ),
            withheld={"digest": SECRET},
        ),
        Holding(
            ApiToken,
            _("tokens of your programs"),
            MEMBERS,
            columns=("membership__user__display_name", "name", "scopes", "prefix", "created_at", "expires_at",
                     "revoked_at", "used_at"),
            withheld={"digest": SECRET},
            rows=lambda channel: ApiToken.objects.filter(membership__channel=channel),
        ),
        Holding(
            ActionURL,
            _("your action URLs"),
            MEMBERS,
            columns=("membership__user__display_name", "name", "actions", "text", "by_get", "hint", "created_at",
                     "revoked_at", "used_at"),
            withheld={"digest": SECRET},
            rows=lambda channel: ActionURL.objects.filter(membership__channel=channel),
        ),
        Holding(
            PanicKey,
            _("your panic URLs"),
            MINE,
            columns=("hint", "created_at", "revoked_at", "used_at"),
            withheld={"digest": SECRET},
        ),
        Holding(
            OverlayPresence,
            _("overlays that are connected"),
            MEMBERS,
            columns=(
                "key__hint", "is_preview", "obs_version", "program_version", "engine", "renderer", "connected_at",
                "seen_at", "audible", "visible", "active", "sample_rate", "worklet", "width", "height", "fps",
                "mouth_lag_ms", "underruns", "gaps", "dropped",
            ),
            withheld={"connection": HOUSE},
        ),
    ]  # fmt: skip


def _show() -> list[Holding]:
    return [
        Holding(
            Turn,
            _("what she said, and what it took"),
            frozenset({Whose.BROADCASTER, Whose.CHATTER}),
            columns=(
                "id", "persona_name", "persona_version", "trigger", "said", "heard", "outcome", "reason", "verdict",
                "taken_back", "forgotten", "timings_ms", "brain", "voice", "voice_stood_in", "prompt_tokens",
                "completion_tokens", "characters", "cost_micros", "cost_exact", "created_at", "heard_at", "ended_at",
            ),
            withheld={
                "chatter_id": THEIRS, "chatter_name": THEIRS, "asked": THEIRS, "answered": THEIRS, "judged": THEIRS,
                "evidence": THEIRS, "event_id": THEIRS, "fence": HOUSE, "person": HOUSE,
            },
            of_chatters=OfChatters(chatters.turns, chatters.turn_told),
        ),
        Holding(
            PaidEvent,
            _("what was paid for"),
            frozenset({Whose.BROADCASTER, Whose.CHATTER}),
            columns=(
                "kind", "payload__amount", "payload__tip__micros", "payload__tip__currency", "state", "reason",
                "received_at", "done_at", "settled_at", "settled_as", "settle_problem",
            ),
            withheld={
                "event_id": THEIRS, "redemption_id": THEIRS, "reward_id": HOUSE, "fence": HOUSE, "turn": HOUSE,
                "settle_after": HOUSE, "settle_tries": HOUSE,
            },
            of_chatters=OfChatters(chatters.paid_events, chatters.paid_told),
        ),
        Holding(
            SafetyCase,
            _("lines you reported as wrongly blocked"),
            CHATTERS | MEMBERS,
            columns=("rule", "profile", "reported_at", "reported_by__display_name"),
            withheld={"line": THEIRS, "evidence": THEIRS, "whose": THEIRS, "turn": HOUSE},
            of_chatters=OfChatters(chatters.cases, chatters.case_told),
        ),
    ]  # fmt: skip


def _memory() -> list[Holding]:
    return [
        Holding(
            MemoryFact,
            _("facts she keeps about the channel"),
            frozenset({Whose.BROADCASTER, Whose.CHATTER}),
            columns=("text", "written_by__display_name", "learned_at", "expires_at"),
            withheld={
                "chatter_id": THEIRS, "chatter_name": THEIRS, "source_id": THEIRS, "vector": HOUSE,
                "vector_model": HOUSE,
            },
            rows=lambda channel: MemoryFact.objects.filter(channel=channel, chatter_id=""),
            of_chatters=OfChatters(chatters.facts, chatters.fact_told),
        ),
        Holding(
            StreamSummary,
            _("what the stream has been about"),
            frozenset({Whose.BROADCASTER, Whose.CHATTER}),
            columns=("text", "begun_at", "made_at"),
            withheld={"covers": THEIRS, "read_until": HOUSE, "learned_until": HOUSE},
            of_chatters=OfChatters(chatters.summaries, chatters.summary_told),
        ),
        Holding(
            MemoryOptOut,
            _("chatters who want nothing remembered"),
            CHATTERS,
            withheld={"digest": THEIRS, "since": THEIRS, "ended_at": THEIRS},
            of_chatters=OfChatters(
                chatters.wishes,
                chatters.wish_told,
                kept_because=_("so that nothing is learned again; it is a digest and names nobody"),
            ),
        ),
    ]  # fmt: skip


def _records() -> list[Holding]:
    return [
        Holding(
            AuditEvent,
            _("who did what in the channel"),
            MEMBERS | CHATTERS,
            columns=("at", "actor__display_name", "action"),
            withheld={"detail": THEIRS},
            of_chatters=OfChatters(chatters.silencings, chatters.silencing_told),
        ),
        Holding(
            DataExport,
            _("exports like this one"),
            MINE,
            columns=("asked_by__display_name", "language", "state", "size", "asked_at", "ready_at"),
            withheld={"name": SECRET, "done": HOUSE, "total": HOUSE, "begun_at": HOUSE},
        ),
    ]
