"""The look part of the persona page: parts and colours of the drawn character, or which picture is shown when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from channels_app.dashboard.colour import ColourField
from personas.look import (
    ACCESSORIES,
    DEFAULT_DRAWN,
    DEFAULT_OWN,
    FACES,
    FRINGES,
    HAIR,
    KINDS,
    MOOD_SLOTS,
    OUTFITS,
    SLOTS,
    default_palette,
)  # fmt: skip
from personas.models import MOODS, AvatarPicture, PersonaVersion
from personas.plan import look_refused

COLOURS = {
    "hair": _("Hair"),
    "eyes": _("Eyes"),
    "outfit": _("Outfit"),
    "accent": _("Accent"),
    "skin": _("Skin"),
}
PARTS = {
    "face": (_("Face"), FACES),
    "hair": (_("Hair style"), HAIR),
    "fringe": (_("Fringe"), FRINGES),
    "outfit": (_("Outfit"), OUTFITS),
}
SLOT_LABELS = {
    "idle": _("Mouth closed"),
    "half": _("Mouth half open"),
    "talk": _("Mouth open"),
    "blink": _("Eyes closed"),
    "offline": _("Off air"),
}

MOOD_FACES = {
    "half": _("%(mood)s, half open"),
    "talk": _("%(mood)s, talking"),
    "blink": _("%(mood)s, eyes closed"),
}


class LookForm(forms.Form):
    """`values()` is what goes into a version: its avatar and its palette."""

    kind = forms.ChoiceField(label=_("What she is"), choices=KINDS, widget=forms.RadioSelect)
    accessories = forms.MultipleChoiceField(
        label=_("Accessories"), choices=ACCESSORIES, required=False, widget=forms.CheckboxSelectMultiple
    )
    mouth_half = forms.IntegerField(
        label=_("Half open from, percent"), min_value=2, max_value=95, widget=forms.NumberInput(attrs={"type": "range"})
    )
    mouth_open = forms.IntegerField(
        label=_("Open from, percent"), min_value=2, max_value=100, widget=forms.NumberInput(attrs={"type": "range"})
    )
    bounce = forms.IntegerField(
        label=_("Bounce while she talks"), min_value=0, max_value=40, widget=forms.NumberInput(attrs={"type": "range"})
    )

    def __init__(self, data: Any = None, *, version: PersonaVersion, pictures: Sequence[AvatarPicture]) -> None:
        drawn = DEFAULT_DRAWN | dict(version.avatar.get("drawn") or {})
        own = DEFAULT_OWN | dict(version.avatar.get("own") or {})
        self.channel = version.channel
        self.hysteresis = own["mouth"].get("hysteresis", DEFAULT_OWN["mouth"]["hysteresis"])
        palette = default_palette() | dict(version.palette)
        initial = {
            "kind": version.avatar.get("kind", "svg"),
            "accessories": drawn["accessories"],
            "mouth_half": round(own["mouth"]["half"] * 100),
            "mouth_open": round(own["mouth"]["open"] * 100),
            "bounce": own["bounce"],
            **{part: drawn[part] for part in PARTS},
            **{f"colour_{part}": palette[part] for part in COLOURS},
            **{f"slot_{slot}": own["pictures"].get(slot, "") for slot in SLOTS},
        }
        super().__init__(data, initial=initial)
        for part, (label, choices) in PARTS.items():
            self.fields[part] = forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)
        for part, label in COLOURS.items():
            self.fields[f"colour_{part}"] = ColourField(label=label)
        own_pictures: list[tuple[str, Any]] = [("", "—"), *((picture.name, str(picture)) for picture in pictures)]
        for slot in SLOTS:
            self.fields[f"slot_{slot}"] = forms.ChoiceField(
                label=slot_label(slot), choices=own_pictures, required=False
            )

    @property
    def part_fields(self) -> list[forms.BoundField]:
        return [self[part] for part in PARTS]

    @property
    def colour_fields(self) -> list[forms.BoundField]:
        return [self[f"colour_{part}"] for part in COLOURS]

    @property
    def mouth_slots(self) -> list[forms.BoundField]:
        return [self[f"slot_{slot}"] for slot in SLOT_LABELS]

    @property
    def mouth_ranges(self) -> list[forms.BoundField]:
        return [self["mouth_half"], self["mouth_open"], self["bounce"]]

    @property
    def mood_slots(self) -> list[forms.BoundField]:
        return [self[f"slot_{slot}"] for slot in SLOTS if slot not in SLOT_LABELS]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        kind = values.get("kind")
        if kind and kind != self.initial["kind"] and (refused := look_refused(self.channel, kind)):
            self.add_error("kind", refused)
        if values.get("kind") == "png" and not values.get("slot_idle") and "slot_idle" not in self.errors:
            self.add_error("slot_idle", _("Add a picture with the mouth closed and choose it here: she rests in it."))
        half, opened = values.get("mouth_half"), values.get("mouth_open")
        if half is not None and opened is not None and half > opened:
            self.add_error("mouth_open", _("The open mouth must need more than the half open one."))
        return values

    def values(self) -> dict[str, Any]:
        """`avatar` and `palette` of a version."""
        given = self.cleaned_data
        pictures = {slot: given[f"slot_{slot}"] for slot in SLOTS if given[f"slot_{slot}"]}
        mouth = {"half": given["mouth_half"] / 100, "open": given["mouth_open"] / 100, "hysteresis": self.hysteresis}
        return {
            "avatar": {
                "kind": given["kind"],
                "drawn": {part: given[part] for part in PARTS} | {"accessories": given["accessories"]},
                "own": {"pictures": pictures, "mouth": mouth, "bounce": given["bounce"]},
            },
            "palette": {part: given[f"colour_{part}"] for part in COLOURS},
        }


def slot_label(slot: str) -> Any:
    if slot in SLOT_LABELS:
        return SLOT_LABELS[slot]
    mood, _underscore, face = slot.partition("_")
    assert mood in MOOD_SLOTS
    name = dict(MOODS)[mood]
    return MOOD_FACES[face] % {"mood": name} if face else name
