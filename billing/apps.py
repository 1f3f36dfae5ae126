from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from billing import holdings
        from billing.cards import spending_card
        from billing.notices import limit_notices, why_not_live
        from channels_app.signals import notices_asked, owner_cards_asked, start_asked

        owner_cards_asked.connect(spending_card)
        holdings.enter()
        notices_asked.connect(limit_notices)
        start_asked.connect(why_not_live)
