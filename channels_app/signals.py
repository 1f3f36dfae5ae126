"""What upper rooms may listen to."""

from django.dispatch import Signal

channel_entered = Signal()
"""A member opens or starts the channel (`channel`): upper rooms prepare what is theirs, such as a first persona."""
owner_cards_asked = Signal()
"""The owner looks at the page of the channel (`channel`): upper rooms answer with the HTML of a card of theirs."""
text_offered = Signal()
"""A member brings in a text (`channel`, `text`): who knows the safety rules answers with an `Objection`, or None."""
start_asked = Signal()
"""She is about to be started (`channel`): who knows a reason of the plan against it answers with it, in words."""
entitlements_changed = Signal()
"""What a channel may use is other than before (`channel`), within the transaction that writes it."""
