"""Makes Stripe sell what `billing.plans` says: products, prices by lookup key, and what the portal lets people change.

Repeatable. A price whose amount has changed is made anew and takes the lookup key over; who pays the old one goes on
paying it.
"""

from __future__ import annotations

from billing import gateway
from billing.facts import ListedPrice
from billing.plans import PAID, Price


def publish(*, only_look: bool = False) -> list[str]:
    """What was done, a line each; with `only_look`, what there is to do. Raises StripeProblem."""
    done: list[str] = []
    products = gateway.products()
    listed = gateway.prices([price.lookup_key for plan in PAID for price in plan.prices])
    offered: dict[str, list[str]] = {}
    for plan in PAID:
        product = products.get(plan.name, "")
        if not product:
            done.append(f"product {plan.product}")
            if not only_look:
                product = gateway.create_product(plan=plan.name, name=plan.product, key=f"product-{plan.name}")
        for price in plan.prices:
            found = listed.get(price.lookup_key)
            if found is not None and _is(found, price, product):
                offered.setdefault(product, []).append(found.stripe_id)
                continue
            done.append(f"price {price.lookup_key}: {price.amount / 100:.2f} {price.currency} a {price.interval}")
            if only_look:
                continue
            made = gateway.create_price(
                plan=plan.name,
                product=product,
                lookup_key=price.lookup_key,
                amount=price.amount,
                currency=price.currency,
                interval=price.interval,
                # After whatever price there is: changed there and back, it is not the same request.
                key=f"price-{price.lookup_key}-{price.amount}-{found.stripe_id if found else 'first'}",
            )
            offered.setdefault(product, []).append(made)
    if not only_look:
        gateway.configure_portal(offered)
    return done


def _is(found: ListedPrice, price: Price, product: str) -> bool:
    return (found.amount, found.currency, found.interval, found.product) == (
        price.amount, price.currency, price.interval, product,
    )  # fmt: skip
