"""What upper rooms may listen to."""

from django.dispatch import Signal

channel_entered = Signal()
"""A member opens or starts the channel (`channel`): upper rooms prepare what is theirs, such as a first persona."""
text_offered = Signal()
"""A member brings in a text (`channel`, `text`): who knows the safety rules answers with an `Objection`, or None."""
