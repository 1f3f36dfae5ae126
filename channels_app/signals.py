"""What upper rooms may listen to."""

from django.dispatch import Signal

channel_entered = Signal()
"""A member opens or starts the channel (`channel`): upper rooms prepare what is theirs, such as a first persona."""
