"""A colour as people choose it in a form."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


class ColourField(forms.CharField):
    """A colour as #rrggbb."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=7, widget=forms.TextInput(attrs={"type": "color"}), **kwargs)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value)).lower()
        if not COLOUR.fullmatch(text):
            raise forms.ValidationError(_("A colour looks like #ff5d86."))
        return text
