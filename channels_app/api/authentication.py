"""Who comes in by a token. The dashboard's own scripts come by session, as before."""

from __future__ import annotations

import logging
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

from channels_app.api import tokens
from channels_app.limits import MINUTE, within
from channels_app.models import ApiToken, User

log = logging.getLogger(__name__)

WRONG_A_MINUTE = 20
"""Of one address. Right tokens from there are let in all the while: many people may share an address."""


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer aig_…`. No cookie is read, so no form's token is asked for."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        kind, _space, plain = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        row = tokens.found(plain.strip())
        if row is None:
            if not within("wrong-token", str(request.META.get("REMOTE_ADDR", "")), WRONG_A_MINUTE, MINUTE):
                raise exceptions.Throttled(MINUTE)
            raise exceptions.AuthenticationFailed(_("This token is wrong, has run out, or was revoked."))
        tokens.note_use(row)
        return row.membership.user, row

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class CallerRate(SimpleRateThrottle):
    """So many calls a minute for each token, and for each person at the dashboard."""

    scope = "user"

    def get_rate(self) -> str:
        return str(api_settings.DEFAULT_THROTTLE_RATES[self.scope])

    def allow_request(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ApiToken):
            self.scope = "token"
            self.num_requests, self.duration = self.parse_rate(self.get_rate())
        try:
            return bool(super().allow_request(request, view))
        except Exception as error:
            # Redis is away: silence, above all, must not wait for it.
            log.warning("calls to the API are not counted (%s)", type(error).__name__)
            return True

    def get_cache_key(self, request: Request, view: Any) -> str:
        caller = request.auth.pk if isinstance(request.auth, ApiToken) else request.user.pk
        return self.cache_format % {"scope": self.scope, "ident": caller or self.get_ident(request)}
