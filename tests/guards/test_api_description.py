"""The description of the API that is checked in is the one the endpoints give, and the pages tell of all of it."""

from __future__ import annotations

import re

import pytest
import yaml
from django.test import Client

from aigirl_site.env import ROOT
from channels_app.api import action_urls
from channels_app.api.schema import FILE, as_yaml, description
from channels_app.api.scopes import Scope

MEND = "Run `python manage.py spectacular --file docs/openapi.yml` and look at what has changed for callers."
DOCS = (ROOT / "docs" / "api.md").read_text()


def test_the_description_that_is_checked_in_is_the_present_one() -> None:
    assert (ROOT / FILE).read_bytes() == as_yaml(), MEND


def test_it_is_served_and_the_page_names_every_endpoint(client: Client, built_front_end: None) -> None:
    served = client.get("/api/v1/schema/")
    assert yaml.safe_load(served.content) == description()
    page = client.get("/api/v1/docs/").content.decode()
    for path, methods in description()["paths"].items():
        assert page.count(f"<code>{path}</code>") == len(methods)
    assert "<script>" not in page
    assert " style=" not in page


@pytest.mark.parametrize("part", ["info", "paths", "components"])
def test_it_is_an_openapi_3_1_document(part: str) -> None:
    assert description()["openapi"] == "3.1.0"
    assert description()[part]


def test_every_operation_says_what_it_is_and_how_it_may_fail() -> None:
    for path, methods in description()["paths"].items():
        for method, told in methods.items():
            assert told["summary"], f"{method} {path}"
            assert {"401", "403", "404", "429"} <= told["responses"].keys(), f"{method} {path}"


def test_the_document_names_every_scope_and_every_action() -> None:
    assert set(re.findall(r"^\| `([a-z]+(?::[a-z]+)?)` \|", DOCS, re.MULTILINE)) == {
        *(scope.value for scope in Scope),
        *action_urls.ACTIONS,
    }
