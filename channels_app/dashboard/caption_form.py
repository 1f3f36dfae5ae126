"""The form in which a broadcaster chooses how captions look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.dashboard.colour import ColourField
from channels_app.overlay.caption_style import CHOICES, LEAST_CONTRAST, OFF, contrast


class CaptionForm(forms.Form):
    """Cleans to a whole style."""

    words = forms.ChoiceField(label=_("Words"), choices=CHOICES["words"])
    font = forms.ChoiceField(label=_("Font"), choices=CHOICES["font"])
    size = forms.ChoiceField(label=_("Size"), choices=CHOICES["size"])
    background = forms.ChoiceField(label=_("Background"), choices=CHOICES["background"])
    position = forms.ChoiceField(label=_("Where"), choices=CHOICES["position"])
    color = ColourField(label=_("Letters"))
    highlight = ColourField(label=_("The word she says"))
    outline = ColourField(label=_("Outline"))

    @property
    def choices(self) -> list[forms.BoundField]:
        return [self[name] for name in ("font", "size", "background", "position")]

    @property
    def colours(self) -> list[forms.BoundField]:
        return [self[name] for name in ("color", "highlight", "outline")]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if self.errors or values["words"] == OFF:
            return values
        for name in ("color", "highlight"):
            if contrast(values[name], values["outline"]) < LEAST_CONTRAST:
                self.add_error(
                    name, _("This colour is too close to its outline to be read. Make one lighter or darker.")
                )
        return values
