"""What the fields of a character card are called on the pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

CARD_FIELDS = {
    "name": gettext_lazy("Name"),
    "nickname": gettext_lazy("Nickname"),
    "description": gettext_lazy("Who she is"),
    "personality": gettext_lazy("Personality"),
    "scenario": gettext_lazy("Scenario"),
    "system_prompt": gettext_lazy("What she keeps to"),
    "mes_example": gettext_lazy("Examples of how she talks"),
    "post_history_instructions": gettext_lazy("Reminder at the end of each prompt"),
    "first_mes": gettext_lazy("First message"),
    "alternate_greetings": gettext_lazy("Other first messages"),
    "group_only_greetings": gettext_lazy("First messages in groups"),
    "creator_notes": gettext_lazy("Notes of its creator"),
    "creator_notes_multilingual": gettext_lazy("Notes of its creator in other languages"),
    "creator": gettext_lazy("Creator"),
    "character_version": gettext_lazy("Version of the character"),
    "tags": gettext_lazy("Tags"),
    "source": gettext_lazy("Source"),
    "assets": gettext_lazy("Pictures and files"),
    "creation_date": gettext_lazy("Date of creation"),
    "modification_date": gettext_lazy("Date of the last change"),
    "extensions": gettext_lazy("Extensions of other programs"),
}
