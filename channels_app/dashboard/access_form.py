"""What a member chooses when a token or an action URL is made."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.api import action_urls, scopes
from channels_app.api.tokens import LIVES

NEVER = "0"


class TokenForm(forms.Form):
    """A token's name, what it may do, and how long it lives."""

    name = forms.CharField(
        label=_("What it is for"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(
        label=_("Works for"),
        choices=[
            *[(str(days), text) for days, text in zip(LIVES, (_("30 days"), _("90 days"), _("a year")), strict=True)],
            (NEVER, _("until it is revoked")),
        ],
        initial=str(LIVES[1]),
    )

    def __init__(self, data: Any = None, *, powers: Collection[str]) -> None:
        super().__init__(data, prefix="token")
        chosen = self.fields["scopes"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = [(scope.value, scope.label) for scope in scopes.open_to(powers)]

    def clean_days(self) -> int | None:
        return int(self.cleaned_data["days"]) or None


class ActionURLForm(forms.Form):
    """An action URL's name, what it does, and who may call it how."""

    name = forms.CharField(
        label=_("What it is for"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    actions = forms.MultipleChoiceField(label=_("What it does"), widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(
        label=_("Text she says"),
        required=False,
        max_length=action_urls.LONGEST_TEXT,
        help_text=_("Only for “Say a text”. Empty: the text comes with the call, as ?text=…"),
    )
    by_get = forms.BooleanField(
        label=_("Chat programs call it"),
        required=False,
        help_text=_(
            "Nightbot and StreamElements can only open an address. Then the preview of a link does it too, so never "
            "post such a URL anywhere."
        ),
    )

    def __init__(self, data: Any = None, *, powers: Collection[str]) -> None:
        super().__init__(data, prefix="url")
        chosen = self.fields["actions"]
        assert isinstance(chosen, forms.MultipleChoiceField)
        chosen.choices = [(name, action_urls.ACTIONS[name]) for name in action_urls.offered_to(powers)]
