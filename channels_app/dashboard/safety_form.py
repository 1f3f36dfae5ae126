"""The form in which a channel chooses how strict the safety rules are, and its own words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app import screening
from channels_app.dashboard.forms import ListField
from channels_app.models import Channel, SafetyProfile

LETS_PASS = {
    SafetyProfile.FAMILY: _("No swearing, no rough insults, nothing sexual, no talk of extremists or cruelty."),
    SafetyProfile.STANDARD: _("Swearing and rough insults pass. Nothing sexual, no talk of extremists or cruelty."),
    SafetyProfile.MATURE: _(
        "Swearing, sexual words and dark topics pass. For streams that are marked as mature on Twitch."
    ),
}
LIFTED = ("lexicon.tier2.", "channel.")
"""Beginnings of rules that an allowed word may go against; the lists of a channel have an order of their own."""


class SafetyForm(forms.Form):
    """The profile is the broadcaster's to choose; moderators keep the lists."""

    safety_profile = forms.ChoiceField(
        label=_("How strict"), choices=SafetyProfile.choices, widget=forms.RadioSelect(), required=True
    )
    banned_words = ListField(
        label=_("Words she never says or answers"),
        help_text=_("One a line, in any language. They come on top of the built-in safety rules."),
    )
    allowed_words = ListField(
        label=_("Words that are fine here"),
        help_text=_(
            "One a line, each form of its own: names and terms of your games that the rules take for something else. "
            "They lift swearing and the like, never what is blocked on every channel."
        ),
    )

    def __init__(self, *args: Any, channel: Channel, is_owner: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel = channel
        if not is_owner:
            del self.fields["safety_profile"]

    @property
    def profiles(self) -> list[tuple[Any, Any]]:
        """(radio button, what it lets pass)."""
        return [(radio, LETS_PASS[radio.data["value"]]) for radio in self["safety_profile"]]

    def clean_allowed_words(self) -> list[str]:
        words: list[str] = self.cleaned_data["allowed_words"]
        for word in words:
            objection = screening.objection(self.channel, word)
            if objection is not None and not objection.rule.startswith(LIFTED):
                raise forms.ValidationError(
                    _("“%(word)s” is blocked on every channel (rule %(rule)s), so it cannot be allowed. Take it out."),
                    params={"word": word, "rule": objection.rule},
                )
        return words
