"""The description of the API (OpenAPI 3.1), made by drf-spectacular from the endpoints themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from channels_app.api.base import OurAPI
from channels_app.api.shapes import Error

FILE = Path("docs") / "openapi.yml"
"""Where the description is checked in, from the top of the repository."""
MEDIA = "application/json"
REASONS = {
    "400": "Some fields are wrong; `fields` says which.",
    "401": "No token and no session, or a wrong token.",
    "403": "Your role, or the token's scope, does not allow it.",
    "404": "Not there, or not yours.",
    "409": "Not possible just now; `message` says why.",
    "412": "Somebody has changed it since it was read.",
    "428": "Send If-Match with the ETag of what you read.",
    "429": "Too many calls; Retry-After says for how many seconds to wait.",
}
GOOD = {200: "Here it is.", 201: "Made.", 202: "Taken; it happens in a moment.", 204: "Gone."}
ALWAYS = ("401", "403", "404", "429")
ID_PATTERN = "^[A-Za-z0-9_-]{1,24}$"

View = TypeVar("View")

LARGEST_COLUMN = 2**31 - 1
"""From here on a limit is a column's."""


def described(
    summary: str,
    tag: str,
    *,
    takes: Any = None,
    query: Any = None,
    gives: Any,
    status: int | tuple[int, ...] = 200,
    fails: Iterable[int] = (),
    parameters: Iterable[OpenApiParameter] = (),
) -> Callable[[View], View]:
    """Decorates a method: what it takes (`query` in the address), what it gives, and how it may fail besides ALWAYS."""
    errors = {str(code): OpenApiResponse(Error, REASONS[str(code)]) for code in fails}
    if takes is not None or query is not None:
        errors["400"] = OpenApiResponse(Error, REASONS["400"])
    errors |= {code: OpenApiResponse(Error, REASONS[code]) for code in ALWAYS}
    good = {
        str(each): OpenApiResponse(gives, GOOD[each]) for each in (status if isinstance(status, tuple) else (status,))
    }
    found: list[Any] = [*parameters, *([query] if query is not None else [])]
    decorate = extend_schema(
        summary=summary,
        tags=[tag],
        request={MEDIA: takes} if takes is not None else None,
        responses={**good, **dict(sorted(errors.items()))},
        parameters=found,
    )
    return cast("Callable[[View], View]", decorate)


class Described(AutoSchema):
    """What the endpoints know of themselves: the scope a token needs."""

    def get_auth(self) -> list[dict[str, Any]]:
        scope = self.view.scope_for(self.method) if isinstance(self.view, OurAPI) else None
        return [{"session": []}, *([{"token": [scope.value]}] if scope else [])]

    def get_operation_id(self) -> str:
        """The method and the words of the address: get_personas_one_versions."""
        words = self.path.removeprefix("/api/v1/").replace("c/{public_id}/", "", 1).strip("/") or "channel"
        named = "_".join("one" if word.startswith("{") else word for word in words.split("/"))
        return f"{self.method.lower()}_{named}".replace("-", "_")

    def get_description(self) -> str:  # type: ignore[override]
        scope = self.view.scope_for(self.method) if isinstance(self.view, OurAPI) else None
        told = f"Scope: `{scope.value}`." if scope else "For signed-in people alone: no token is let in."
        return "\n\n".join(part for part in (super().get_description(), told) if part)

    def _resolve_path_parameters(self, variables: list[str]) -> list[Any]:
        found: list[Any] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        for parameter in found:
            if parameter["name"] == "public_id":
                parameter["schema"] = {"type": "string", "pattern": ID_PATTERN}
                parameter["description"] = "The channel, as its address on the dashboard names it."
        return found


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "channels_app.api.authentication.BearerToken"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        about = "A personal access token: `Authorization: Bearer aig_…`."
        return {"type": "http", "scheme": "bearer", "description": about}


def only_ours(endpoints: list[Any]) -> list[Any]:
    """A hook: the API alone, and of it what has an address of its own."""
    return [each for each in endpoints if each[0].startswith("/api/v1/")]


def finished(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook: names the session's cookie as it is, whatever this site calls it, and no limits of its database."""
    schemes = result["components"].setdefault("securitySchemes", {})
    about = "The dashboard's session. Whatever writes needs the X-CSRFToken header too."
    schemes["session"] = {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": about}
    schemes.pop("cookieAuth", None)
    _without_limits_of_columns(result)
    return result


def _without_limits_of_columns(part: Any) -> None:
    """How large a number a column holds depends on the database, and says nothing to a caller."""
    if isinstance(part, dict):
        if part.get("type") == "integer" and int(part.get("maximum", 0)) >= LARGEST_COLUMN:
            part.pop("maximum")
            part.pop("format", None)
        for value in part.values():
            _without_limits_of_columns(value)
    elif isinstance(part, list):
        for value in part:
            _without_limits_of_columns(value)


@cache
def description() -> dict[str, Any]:
    """The whole of it, in English."""
    with translation.override("en"):
        made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return cast("dict[str, Any]", made)


@cache
def as_yaml() -> bytes:
    """As it is checked in and served."""
    return cast("bytes", OpenApiYamlRenderer().render(description(), renderer_context={}))  # type: ignore[no-untyped-call]
