"""ASGI entry: pages over HTTP, overlay and dashboard over WebSocket."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aigirl_site.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from aigirl_site import loading

loading.begin()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path, resolve

from channels_app.dashboard.consumer import DashboardConsumer
from channels_app.overlay.consumer import OverlayConsumer

# Loads every page before the port opens, so that neither the first visitor nor a health check waits for it.
resolve("/health/live")

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(
                URLRouter(
                    [
                        path("ws/overlay/<str:public_id>/", OverlayConsumer.as_asgi()),
                        path("ws/channel/<str:public_id>/", DashboardConsumer.as_asgi()),
                    ]
                )
            )
        ),
    }
)

loading.end()
