from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from billing import holdings
        from billing.cards import spending_card
        from channels_app.signals import owner_cards_asked

        owner_cards_asked.connect(spending_card)
        holdings.enter()
