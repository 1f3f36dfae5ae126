"""Is the process alive, and can it serve."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "live"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when database and Redis answer, else 503 with the names of those that do not."""
    missing = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        missing.append("database")
    try:
        cache.set("health", 1, 5)
    except Exception:
        missing.append("redis")
    return JsonResponse(
        {"status": "ready" if not missing else "waiting", "missing": missing}, status=503 if missing else 200
    )
