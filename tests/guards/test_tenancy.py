"""No row without a tenant: every model of ours hangs on a channel and goes with it."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from channels_app.models import Channel
from tests.guards.tracked import PACKAGES

NOT_A_TENANTS = {
    "channels_app.User": "a person may be a member of several channels",
    "channels_app.TwitchCredential": "belongs to a person, and goes with that person",
    "channels_app.Consent": "belongs to a person, and goes with that person",
    "channels_app.SitePage": "a text of the site, the same for everybody",
    "channels_app.KeptRecord": "what the law wants kept of channels that are gone; it tells of none",
    "billing.StripeEvent": "Stripe tells of customers that are gone or were never ours; only ids are kept",
    "billing.ClosedCustomer": "outlives its channel until the customer at Stripe is closed",
    "billing.TrialUsed": "outlives its channel: one trial a broadcaster, of whom it holds a keyed hash alone",
    "billing.Reconciliation": "a night's comparison is about the whole site",
    "workers.WorkerProcess": "a process of the fleet serves many channels",
    "workers.RefusedField": "what an endpoint refuses is the endpoint's trait, and its row tells of no channel",
    "workers.Conduit": "the site's one way to hear Twitch, for all channels",
    "billing.HouseDay": "what all channels together spent on a day",
    "workers.Run": "the gateway's run belongs to no channel; a channel's run goes with it",
}
"""Model -> why it does not hang on exactly one channel."""


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in PACKAGES]


def hangs_on_channel(model: type[models.Model], *, seen: frozenset[type[models.Model]] = frozenset()) -> bool:
    """Whether deleting the channel surely deletes the row: a path of non-null cascading keys."""
    if model is Channel:
        return True
    if model in seen:
        return False
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey) or field.null:
            continue
        goes_along = field.remote_field.on_delete is models.CASCADE
        if goes_along and hangs_on_channel(field.remote_field.model, seen=seen | {model}):
            return True
    return False


def test_every_model_hangs_on_a_channel() -> None:
    loose = {model._meta.label for model in our_models() if not hangs_on_channel(model)} - NOT_A_TENANTS.keys()
    assert not loose, "Give each a non-null cascading key to Channel, or a reason in NOT_A_TENANTS."


def test_no_model_is_excused_for_nothing() -> None:
    excused = {model._meta.label for model in our_models() if not hangs_on_channel(model)}
    assert NOT_A_TENANTS.keys() <= excused


def test_the_models_were_found() -> None:
    assert {model._meta.app_label for model in our_models()} >= {"channels_app", "personas", "billing", "workers"}


def test_no_model_table_is_left_without_the_cascade_in_a_nullable_key() -> None:
    """A nullable key to a channel may exist only where the model is excused."""
    for model in our_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.remote_field.model is Channel and field.null:
                assert model._meta.label in NOT_A_TENANTS, f"{model._meta.label}.{field.name} may be null"
                assert field.remote_field.on_delete is models.CASCADE
