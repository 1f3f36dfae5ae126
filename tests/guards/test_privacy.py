"""Nobody's data is forgotten: every model is in the register of personal data, field by field, or excused."""

from __future__ import annotations

import ast
from typing import Any

from django.apps import apps
from django.db import models

from channels_app import audit, privacy
from channels_app.api.base import ChannelAPI
from channels_app.fields import EncryptedTextField
from channels_app.powers import MEMBER, OWN, Power
from channels_app.privacy import INNER, Holding, Whose
from tests.guards.test_view_access import PUBLIC
from tests.guards.tracked import PACKAGES, name, product, tree

TELL_OF_NOBODY = {
    "channels_app.SitePage": "a text of the site",
    "billing.HouseDay": "sums of all channels",
    "billing.StripeEvent": "ids at Stripe, which tell of somebody there alone",
    "billing.ClosedCustomer": "ids at Stripe, until nobody is known by them there",
    "billing.TrialUsed": "keyed hashes",
    "billing.Reconciliation": "a comparison of the whole site",
    "channels_app.KeptRecord": "sums that lead back to nobody",
    "workers.WorkerProcess": "a process of ours",
    "workers.Conduit": "the application's own pipe to Twitch",
    "workers.RefusedField": "the trait of an endpoint, whose address is a digest",
}
"""Model -> why nothing in it is anybody's."""
SECRET_NAMES = {"digest", "password", "access_token", "refresh_token", "api_key", "token", "secret"}


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in PACKAGES]


def test_every_model_is_in_the_register_or_excused() -> None:
    missing = {model._meta.label for model in ours() if privacy.holding_of(model) is None} - TELL_OF_NOBODY.keys()
    assert not missing, "Enter each in its room's holdings.py, or say in TELL_OF_NOBODY why it holds nobody's data."


def test_no_model_is_excused_for_nothing() -> None:
    assert TELL_OF_NOBODY.keys() <= {model._meta.label for model in ours() if privacy.holding_of(model) is None}


def fields(holding: Holding) -> set[str]:
    return {field.name for field in holding.model._meta.concrete_fields} - INNER


def test_every_field_is_exported_or_withheld_with_a_reason() -> None:
    for holding in privacy.holdings():
        told = {column.partition("__")[0].removesuffix("_id") for column in holding.columns}
        told |= {column.partition("__")[0] for column in holding.columns}
        assert fields(holding) - told - holding.withheld.keys() == set(), holding.label
        assert holding.withheld.keys() <= fields(holding), holding.label
        assert all(str(reason) for reason in holding.withheld.values())


def test_no_secret_is_in_an_export() -> None:
    for holding in privacy.holdings():
        encrypted = {
            field.name for field in holding.model._meta.concrete_fields if isinstance(field, EncryptedTextField)
        }
        assert not (encrypted | SECRET_NAMES) & set(holding.columns), holding.label


def test_whatever_holds_chatters_data_can_be_copied_and_erased() -> None:
    for holding in privacy.holdings():
        assert (Whose.CHATTER in holding.whose) == (holding.of_chatters is not None), holding.label


def recorded_actions() -> dict[str, str]:
    """Action -> file, of everything that is written into the audit log."""
    found: dict[str, str] = {}
    for path in product():
        for call in (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)):
            called = getattr(call.func, "attr", getattr(call.func, "id", ""))
            values = list(call.args[2:3]) if called == "record" else []
            values += [word.value for word in call.keywords if called == "create" and word.arg == "action"]
            found |= {text: name(path) for value in values for text in literals(value)}
    return found


def literals(value: ast.expr) -> list[str]:
    """What an expression may come out as; the beginning of an f-string, ending with its dot."""
    if isinstance(value, ast.Constant):
        return [str(value.value)]
    if isinstance(value, ast.IfExp):
        return literals(value.body) + literals(value.orelse)
    if isinstance(value, ast.JoinedStr) and isinstance(value.values[0], ast.Constant):
        return [str(value.values[0].value)]
    return []


FILLED_IN = {"queue.": ("drop", "next"), "reply.": ("approve", "reject", "kill")}
"""Beginning of an f-string -> what its rest may be."""


def test_every_recorded_action_has_a_sentence() -> None:
    dumb = {
        each: file
        for action, file in recorded_actions().items()
        for each in (action + rest for rest in FILLED_IN.get(action, ("",)))
        if not audit.is_known(each)
    }
    assert not dumb, "Give it a sentence, see channels_app/audit_sentences.py."


def test_every_action_is_about_something_one_may_choose() -> None:
    assert {action.partition(".")[0] for action in recorded_actions()} <= audit.GROUPS.keys()


def test_the_actions_were_found() -> None:
    assert {"channel.started", "queue.", "member.left", "memory.chatter_forgotten"} <= recorded_actions().keys()


# Doors


def says_so(endpoint: Any) -> bool:
    """Whether a class of the endpoint's own, and not the one of all, says what it asks for."""
    own = endpoint.__mro__[: endpoint.__mro__.index(ChannelAPI)]
    return any({"needs", "scope"} & vars(each).keys() for each in own)


def test_every_door_of_a_channel_says_what_it_asks_for() -> None:
    from django.urls import URLPattern, URLResolver, get_resolver

    def doors(resolver: URLResolver) -> list[URLPattern]:
        found: list[URLPattern] = []
        for entry in resolver.url_patterns:
            found += doors(entry) if isinstance(entry, URLResolver) else [entry]
        return found

    known = {MEMBER, OWN, *Power.values}
    wrong = []
    for door in doors(get_resolver()):
        if "public_id" not in str(door.pattern) or door.name in PUBLIC or door.name in ("closing", "operator_look"):
            continue
        view = getattr(door.callback, "cls", door.callback)
        needs = getattr(view, "needs", None)
        of_api = isinstance(view, type) and issubclass(view, ChannelAPI)
        if needs not in known or (of_api and not says_so(view)):
            wrong.append(door.name)
    assert wrong == [], "Decorate the view with member_page, power_page or owner_page; give a ChannelAPI `needs`."
