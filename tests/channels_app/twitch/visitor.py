"""A person with a browser: Django's test client on our side, real requests on Twitch's."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx2
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.test import Client

from channels_app import terms
from channels_app.models import User
from channels_app.outbound import tls_context


class Visitor:
    def __init__(self, client: Client) -> None:
        self.client = client

    def ask_twitch(self, **form: str) -> str:
        """Presses "Sign in with Twitch"; the address Twitch sends the browser back to."""
        begun = self.client.post("/auth/login/twitch/", form)
        assert begun.status_code == 302, begun.content
        consent = httpx2.get(begun["Location"], follow_redirects=False, verify=tls_context())
        assert consent.status_code == 302, consent.text
        self.asked_scopes = parse_qs(urlsplit(begun["Location"]).query)["scope"][0].split()
        return str(consent.headers["location"])

    def come_back(self, address: str) -> str:
        """Follows the address to the page where the visitor ends: its path. Terms that are asked for are agreed to."""
        landed = self.client.get(address, follow=True)
        if landed.request["PATH_INFO"] == "/agree/":
            agreed = {"version": terms.current_version(), "agree": "yes"}
            landed = self.client.post("/agree/", agreed, follow=True)
        self.page = landed.content.decode()
        return str(landed.request["PATH_INFO"])

    def sign_in(self, **form: str) -> str:
        return self.come_back(self.ask_twitch(**form))

    @property
    def person(self) -> User | None:
        """Who our site takes the visitor for."""
        request = HttpRequest()
        request.session = self.client.session
        user = get_user(request)
        return user if isinstance(user, User) else None
