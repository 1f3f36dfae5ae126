"""The description of the API: served as it is checked in, and as a page to read. Both are public."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from channels_app.api.schema import as_yaml, description

METHODS = ("get", "post", "patch", "delete")
TITLES = {
    "channel": _("Channel"),
    "live": _("Live"),
    "queue": _("Queue and replies"),
    "turns": _("Turns"),
    "personas": _("Personas"),
    "usage": _("Usage"),
}
"""Tag -> heading, in the order of the page."""
SAMPLES = {"text": "Welcome to the stream!", "name": "Dora", "event": "typed-3f2a", "kind": "message", "first": 0}
"""Field -> value in an example, where its type alone says little."""
OF_TYPES: dict[str, Any] = {"boolean": True, "integer": 1, "number": 1.0, "array": [], "object": {}}
LONGEST_EXAMPLE = 3
"""Optional fields in an example."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a body, or a parameter."""

    name: str
    type: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address."""

    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[Field, ...]
    takes: tuple[Field, ...]
    answers: tuple[tuple[str, str], ...]
    """Status and what it means."""
    gives: tuple[Field, ...]
    example: str

    @property
    def anchor(self) -> str:
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "").rstrip("-").lower()


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """YAML, or JSON with ?format=json."""
    if request.GET.get("format") == "json":
        return JsonResponse(description())
    return HttpResponse(as_yaml(), content_type="application/yaml; charset=utf-8")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    found = operations()
    rooms = [(TITLES.get(tag, tag), [each for at, each in found if at == tag]) for tag in _tags(found)]
    context = {"rooms": rooms, "site": settings.SITE_URL, "bearer": "Authorization: Bearer aig_…"}
    return render(request, "channels_app/api_docs.html", context)


def _tags(found: tuple[tuple[str, Operation], ...]) -> list[str]:
    return sorted(dict.fromkeys(tag for tag, _each in found), key=lambda tag: list(TITLES).index(tag))


@cache
def operations() -> tuple[tuple[str, Operation], ...]:
    """(tag, operation) of everything the description names."""
    return tuple(
        (methods[method]["tags"][0], _operation(method, path, methods[method]))
        for path, methods in description()["paths"].items()
        for method in METHODS
        if method in methods
    )


def _operation(method: str, path: str, told: dict[str, Any]) -> Operation:
    body = _schema_of(told.get("requestBody", {}))
    good: dict[str, Any] = next((answer for status, answer in told["responses"].items() if status < "300"), {})
    return Operation(
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        about=_plain(told.get("description", "")),
        parameters=tuple(
            Field(each["name"], _type(each["schema"]), each.get("required", False), _plain(each.get("description", "")))
            for each in told.get("parameters", ())
        ),
        takes=_fields(body),
        answers=tuple((status, _plain(answer.get("description", ""))) for status, answer in told["responses"].items()),
        gives=_fields(_schema_of(good)),
        example=_example(method, path, body, told),
    )


def _plain(text: str | None) -> str:
    """Without the marks of Markdown, and without the list of choices, which stands beside it."""
    return re.sub(r"\n*^\* .*$", "", text or "", flags=re.MULTILINE).replace("`", "").strip()


def _schema_of(place: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = place.get("content", {}).get("application/json", {}).get("schema", {})
    return _resolved(found)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself where this one only names or wraps it."""
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return _resolved(schema["allOf"][0])
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _fields(schema: dict[str, Any]) -> tuple[Field, ...]:
    if schema.get("type") == "array":
        return _fields(_resolved(schema["items"]))
    needed = schema.get("required", ())
    return tuple(
        Field(name, _type(value), name in needed, _plain(value.get("description", _resolved(value).get("description"))))
        for name, value in schema.get("properties", {}).items()
    )


def _type(schema: dict[str, Any]) -> str:
    found = _resolved(schema)
    if "enum" in found:
        return " | ".join(str(value) for value in found["enum"])
    if "oneOf" in found or "anyOf" in found:
        return " | ".join(_type(each) for each in found.get("oneOf") or found["anyOf"])
    kind = found.get("type", "any")
    if isinstance(kind, list):
        return " | ".join(kind)
    if kind == "array":
        return f"[{_type(found.get('items', {}))}]"
    return str(found.get("format", kind))


def _example(method: str, path: str, body: dict[str, Any], told: dict[str, Any]) -> str:
    """A line for a shell."""
    parts = ["curl"] if method == "get" else [f"curl -X {method.upper()}"]
    tokens = [each["token"] for each in told.get("security", ()) if "token" in each]
    if tokens:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    if any(each["name"] == "If-Match" for each in told.get("parameters", ())):
        parts.append("-H 'If-Match: \"…\"'")
    if properties := body.get("properties"):
        needed = body.get("required", ())
        chosen = [name for name in properties if name in needed] or list(properties)[:LONGEST_EXAMPLE]
        writable = [name for name in chosen if not properties[name].get("readOnly")]
        sent = {name: _sample(name, properties[name]) for name in writable}
        parts.append("-H 'Content-Type: application/json'")
        parts.append(f"-d '{json.dumps(sent, ensure_ascii=False)}'")
    return " ".join([*parts, f"{settings.SITE_URL}{path.replace('{public_id}', '$CHANNEL')}"])


def _sample(name: str, schema: dict[str, Any]) -> Any:
    found = _resolved(schema)
    if name in SAMPLES:
        return SAMPLES[name]
    if "enum" in found:
        return found["enum"][0]
    if found.get("format") == "uuid":
        return "0b9f7c1e-6a53-4a5e-9d3c-5f6f2b1f4a11"
    return OF_TYPES.get(str(found.get("type")), "…")
