from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from django.db.models.signals import pre_delete

        from billing import holdings, listeners
        from billing.cards import spending_card
        from billing.models import Customer
        from billing.notices import limit_notices
        from channels_app.signals import channel_closing, channel_entered, notices_asked, owner_cards_asked, start_asked

        owner_cards_asked.connect(spending_card)
        holdings.enter()
        notices_asked.connect(limit_notices)
        channel_entered.connect(listeners.grant_to_newcomer)
        channel_closing.connect(listeners.end_with_channel)
        start_asked.connect(listeners.refuse_used_up)
        pre_delete.connect(listeners.close_at_stripe, sender=Customer)
