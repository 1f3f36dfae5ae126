"""What people type into a channel's pages, checked and cleaned."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from channels_app import queries
from channels_app.models import BadgePlace, Channel, OverlayKey, ProviderAccess
from channels_app.models.access import MOST_OFFSET_MS
from channels_app.models.channel import LEAST_IDLE, MOST_IDLE
from channels_app.talk import NEED_TEXT, PAID_KINDS, why_nobody
from channels_app.viewer_rights import right_in

LIST_ITEMS = 200
ITEM_LENGTH = 80


class ListField(forms.CharField):
    """Words one a line or with commas between; cleans to a list without repeats."""

    def __init__(self, *, lower: bool = False, rows: int = 3, **kwargs: Any) -> None:
        self.lower = lower
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(item) for item in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text = str(super().clean(value))
        items = [item.strip() for item in re.split(r"[,\n]", text.lower() if self.lower else text)]
        items = list(dict.fromkeys(item for item in items if item))
        if len(items) > LIST_ITEMS:
            raise forms.ValidationError(_("At most %(count)s entries."), params={"count": LIST_ITEMS})
        if any(len(item) > ITEM_LENGTH for item in items):
            raise forms.ValidationError(_("An entry has at most %(count)s characters."), params={"count": ITEM_LENGTH})
        return items


class LoginListField(ListField):
    """Twitch logins, with or without an @."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(lower=True, **kwargs)

    def clean(self, value: Any) -> list[str]:
        logins = list(dict.fromkeys(item.removeprefix("@") for item in super().clean(value)))
        for login in logins:
            if not re.fullmatch(r"[a-z0-9_]{1,25}", login):
                raise forms.ValidationError(
                    _("“%(entry)s” is no Twitch login: those have only Latin letters, digits and underscores."),
                    params={"entry": login},
                )
        return logins


class TalkForm(forms.Form):
    """A line or an event by a pretended chatter. Given its channel, it refuses what nobody would answer."""

    KINDS = [
        ("message", _("Message")),
        ("cheer", _("Cheer (bits)")),
        ("sub", _("Subscription")),
        ("gift", _("Gifted subs")),
        ("raid", _("Raid")),
        ("follow", _("Follow")),
        ("redemption", _("Redemption")),
        ("tip", _("Tip (dollars)")),
        ("say", _("Say it word for word")),
    ]

    name = forms.CharField(label=_("Chatter"), max_length=40, initial=_("Dora"))
    kind = forms.ChoiceField(label=_("What happens"), choices=KINDS, initial="message")
    amount = forms.IntegerField(
        label=_("How many"), required=False, min_value=1, max_value=100_000, initial=100
    )  # fmt: skip
    text = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "enterkeyhint": "send"}),
    )

    def __init__(self, *args: Any, channel: Channel | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel = channel

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("kind") in NEED_TEXT and not values.get("text"):
            self.add_error("text", _("Write something she can answer."))
        # What was paid for waits in a row, and what chatters may ask is obeyed at the door; a line would be gone.
        elif self.channel is not None and not _needs_nobody(values) and (why := why_nobody(self.channel)):
            self.add_error("text", why)
        return values


def _needs_nobody(values: dict[str, Any]) -> bool:
    kind = values.get("kind")
    return kind in PAID_KINDS or (kind == "message" and right_in(values.get("text", "")) is not None)


class QueueForm(forms.Form):
    """One of those who wait, by the id of the event."""

    event = forms.CharField(max_length=80)


class StageForm(forms.Form):
    """Settings of the show."""

    mouth_offset_ms = forms.IntegerField(
        label=_("Mouth offset, milliseconds"),
        min_value=-200,
        max_value=300,
        help_text=_(
            "If the mouth moves too early on your stream, raise it; if too late, lower it. 0 suits most. "
            "“Set up OBS” has a test for it, and an offset for each overlay."
        ),
    )
    ai_badge = forms.ChoiceField(
        label=_("Badge that says she is an AI"),
        choices=BadgePlace.choices,
        required=False,
        help_text=_("Two small letters in a corner of the overlay, so that viewers know whom they listen to."),
    )
    idle_seconds = forms.IntegerField(
        label=_("Talks by herself after this many seconds of silence"),
        min_value=0,
        max_value=MOST_IDLE,
        required=False,
        help_text=_(
            "0: never. From 20 on. Only while an overlay is connected; it counts as a reply, and she stops with the "
            "sentence when somebody calls her. After an hour without any chatter she waits for one."
        ),
    )
    ignored_chatters = LoginListField(
        label=_("Chatters she ignores"),
        help_text=_("Logins, one a line: other chat programs, for example. She never answers them."),
    )

    def clean_idle_seconds(self) -> int | None:
        if "idle_seconds" not in self.data:
            return None  # a page from before she could talk by herself
        seconds = int(self.cleaned_data["idle_seconds"] or 0)
        if 0 < seconds < LEAST_IDLE:
            raise forms.ValidationError(_("At least %(least)s, or 0 for never."), params={"least": LEAST_IDLE})
        return seconds


class MouthOffsetForm(forms.Form):
    """The offset of one overlay URL of this channel; none is the channel's own."""

    key = forms.ModelChoiceField(queryset=OverlayKey.objects.none())
    mouth_offset_ms = forms.IntegerField(required=False, min_value=-MOST_OFFSET_MS, max_value=MOST_OFFSET_MS)

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = self.fields["key"]
        assert isinstance(keys, forms.ModelChoiceField)
        keys.queryset = queries.living_keys(channel)


class ProviderForm(forms.Form):
    """A provider of one's own. An empty key keeps the one that is stored."""

    base_url = forms.URLField(
        label=_("Address"),
        max_length=200,
        assume_scheme="https",
        help_text=_("Any OpenAI-compatible endpoint, such as https://api.openai.com/v1."),
        widget=forms.URLInput(attrs={"placeholder": "https://api.openai.com/v1", "inputmode": "url"}),
    )
    model = forms.CharField(label=_("Model"), max_length=120)
    voice = forms.CharField(label=_("Voice"), max_length=120, required=False)
    api_key = forms.CharField(
        label=_("Key"),
        max_length=400,
        required=False,
        help_text=_("Stored encrypted and never shown again. Leave empty to keep the present one."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind != ProviderAccess.Kind.SPEECH:
            del self.fields["voice"]

    def clean_base_url(self) -> str:
        url = str(self.cleaned_data["base_url"]).rstrip("/")
        parts = urlsplit(url)
        if parts.username or parts.password:
            raise forms.ValidationError(
                _("The address must not contain a name or password. The key has its own field.")
            )
        if parts.scheme != "https" and not settings.ENV.is_loopback:
            raise forms.ValidationError(_("The address must begin with https://, so that nobody can read along."))
        return url


class SuspendForm(forms.Form):
    """Why an operator takes a channel off the air."""

    reason = forms.CharField(label=_("Reason shown to the broadcaster"), max_length=200)
