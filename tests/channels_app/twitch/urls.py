"""The pages sign-in needs around it, and nothing more."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from channels_app.twitch.local import local_sign_in


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("\n".join(str(message) for message in messages.get_messages(request)))


urlpatterns = [
    path("auth/", include("social_django.urls", namespace="social")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("sign-in/", _page, name="sign_in"),
    path("sign-in/local/", local_sign_in, name="local_sign_in"),
    path("home/", _page, name="home"),
    path("site/<slug:slug>/", _page, name="site_page"),
    path("", _page, name="landing"),
]
