"""The form in which a broadcaster chooses what stands between a reply and its being heard."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import APPROVAL_SECONDS, MOST_DELAY

_COMMAND = re.compile(r"![^\W_][\w-]*")


class GuardForm(forms.Form):
    """For the owner alone."""

    delay_seconds = forms.IntegerField(
        label=_("Hold back, seconds"),
        min_value=0,
        max_value=MOST_DELAY,
        help_text=_(
            "Every sentence waits so long before it is heard, and whoever has the channel's page open may still take "
            "it away. 0: she is heard at once."
        ),
    )
    approval_seconds = forms.IntegerField(
        label=_("Time to approve, seconds"),
        min_value=APPROVAL_SECONDS[0],
        max_value=APPROVAL_SECONDS[1],
        help_text=_(
            "How long a reply waits for a moderator where each is approved first (under Persona). Afterwards it would "
            "be stale and is dropped."
        ),
    )
    panic_command = forms.CharField(
        label=_("Panic word in chat"),
        max_length=25,
        required=False,
        help_text=_("You and your moderators silence her with it in Twitch chat. Empty: no such word."),
    )

    def clean_panic_command(self) -> str:
        command = str(self.cleaned_data["panic_command"]).strip().casefold()
        if command and not _COMMAND.fullmatch(command):
            raise forms.ValidationError(_("It is one word that begins with !, such as !panic."))
        return command
