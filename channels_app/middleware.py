"""Headers every page carries."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: https://static-cdn.jtvnw.net; "
    "connect-src 'self' ws: wss:; media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self' {forms}; frame-ancestors 'self'"
)

CUSTOM_CSS_POLICY = POLICY.format(forms="").replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""For the overlay page: OBS puts what stands in its box for custom CSS into the page as a style element. No form and
no text of others stands on that page."""


class ContentSecurityPolicyMiddleware:
    """Only our own scripts and, but for the overlay, styles run; nobody else may frame us."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        from django.conf import settings

        self.get_response = get_response
        # Browsers apply form-action to the redirect that follows a form, and sign-in redirects to Twitch.
        origin = "/".join(settings.ENV.TWITCH_AUTH_URL.split("/", 3)[:3])
        self.policy = POLICY.format(forms=origin)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response
