"""Every endpoint called with whatever its description allows: it never breaks, and answers as the description says."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from channels_app.api import tokens
from channels_app.api.schema import description
from channels_app.api.scopes import Scope
from channels_app.models import Channel
from personas.models import Persona
from tests import factories

EXAMPLES = 6
"""Of each operation, within the suite."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [(method, path) for path, methods in description()["paths"].items() for method in methods]


@cache
def api() -> Any:
    """The description as it is served, read once, and the site behind it."""
    return schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())


@pytest.fixture
def _kept_connection(db: None) -> Iterator[None]:
    """The site behind WSGI closes connections around each request, and with one the test's rows would go."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_kept_connection")
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part.strip("/"))
def test_the_api_keeps_what_its_description_promises(channel: Channel, method: str, path: str) -> None:
    if not path.endswith("/queue/"):
        # No run is there to tell its queue, and the endpoint would wait for one.
        Channel.objects.filter(pk=channel.pk).update(desired_state="running")
    persona = Persona.objects.get(channel=channel)
    draft = factories.version(persona, publish=False)
    ids = {
        "public_id": channel.public_id,
        "turn_id": str(factories.turn(channel).pk),
        "persona_id": persona.pk,
        "number": draft.number,
    }
    _row, plain = tokens.new_token(
        channel, acting_user=channel.broadcaster, name="fuzz", wanted=[scope.value for scope in Scope]
    )
    operation = api()[path][method]

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), strays=st.sampled_from([None, None, None, *ids]))
    def knock(case: Any, strays: str | None) -> None:
        """`strays`: the id that is left as it was made up."""
        known = {name: value for name, value in ids.items() if name in case.path_parameters and name != strays}
        case.path_parameters |= known
        response = case.call(headers={"Authorization": f"Bearer {plain}"})
        case.validate_response(response, checks=CHECKS)

    knock()
