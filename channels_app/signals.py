"""What upper rooms may listen to."""

from django.dispatch import Signal

channel_entered = Signal()
"""A member opens or starts the channel (`channel`): upper rooms prepare what is theirs, such as a first persona."""
owner_cards_asked = Signal()
"""The owner looks at the page of the channel (`channel`): upper rooms answer with the HTML of a card of theirs."""
notices_asked = Signal()
"""Somebody looks at what stands in the way of a channel (`channel`, `is_owner`): upper rooms answer with a list of
notices, as `dashboard.state.notices` makes them, with `link` and `link_text` where there is something to click."""
start_asked = Signal()
"""She is to go live (`channel`): whoever knows why she cannot answers with that reason, in words; else with ""."""
text_offered = Signal()
"""A member brings in a text (`channel`, `text`): who knows the safety rules answers with an `Objection`, or None."""
export_wanted = Signal()
"""Somebody wants a channel's data (`export`, a DataExport that waits): who has workers begins soon."""
still_running = Signal()
"""Whether a worker carries the channel (`channel`) out just now: who knows the fleet says so."""
channel_closing = Signal()
"""The broadcaster wants the channel (`channel`) deleted, or an operator does: rooms end what goes on outside by itself,
such as a subscription. Sent in the transaction, and once more before the rows go, so it must be repeatable."""
entitlements_changed = Signal()
"""What a channel may use is other than before (`channel`), within the transaction that writes it."""
