"""The tenant root: people, channels, what they are allowed to, and what happened in them."""

from channels_app.models.access import OverlayKey, OverlayPresence, PanicKey, ProviderAccess, TwitchCredential
from channels_app.models.api_access import ActionURL, ApiToken
from channels_app.models.audit import AuditEvent
from channels_app.models.channel import (
    BadgePlace,
    Channel,
    DesiredState,
    EventSubSubscription,
    Membership,
    SafetyProfile,
)
from channels_app.models.invitation import Invitation
from channels_app.models.memory import MemoryFact, MemoryOptOut, StreamSummary
from channels_app.models.people import User
from channels_app.models.privacy import Consent, DataExport, KeptRecord, SitePage
from channels_app.models.reward import ChannelReward
from channels_app.models.safety import SafetyCase
from channels_app.models.turn import PaidEvent, Turn

__all__ = [
    "ActionURL",
    "ApiToken",
    "AuditEvent",
    "BadgePlace",
    "Channel",
    "ChannelReward",
    "Consent",
    "DataExport",
    "DesiredState",
    "EventSubSubscription",
    "Invitation",
    "KeptRecord",
    "Membership",
    "MemoryFact",
    "MemoryOptOut",
    "OverlayKey",
    "OverlayPresence",
    "PaidEvent",
    "PanicKey",
    "ProviderAccess",
    "SafetyCase",
    "SafetyProfile",
    "SitePage",
    "StreamSummary",
    "Turn",
    "TwitchCredential",
    "User",
]
