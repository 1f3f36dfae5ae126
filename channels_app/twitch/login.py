"""Sign-in with Twitch: the backend, the steps of its pipeline, and what a person reads when it fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from social_core.backends.twitch import TwitchOAuth2
from social_core.exceptions import AuthCanceled, AuthPolicyError, AuthProviderError, AuthSessionError
from social_django.middleware import SocialAuthExceptionMiddleware

from channels_app import actions
from channels_app.models import Channel, EventSubSubscription, TwitchCredential, User
from channels_app.twitch import consent, scopes

BACKEND = "channels_app.twitch.login.TwitchSignIn"
WANTS_REWARDS = "points"
"""Field of the sign-in form of who wants a channel-point reward."""
REWARDS_COOKIE = "aigirl_points"
"""Set where somebody with a reward was; who signs in there again is asked for that permission again."""
LIFE_UNKNOWN = 3600
"""Seconds a token is trusted when Twitch did not say."""


class TwitchSignIn(TwitchOAuth2[Any]):
    """social-auth's Twitch backend, at the address our settings name and with the scopes she needs."""

    def user_data(self, access_token: str, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        client_id, _secret = self.get_key_and_secret()
        headers = {"Authorization": f"Bearer {access_token}", "Client-Id": client_id}
        answer = self.get_json(f"{settings.ENV.TWITCH_API_URL}/users", headers=headers)
        people: list[dict[str, Any]] = answer.get("data") or [{}]
        return people[0]

    def get_scope(self) -> list[str]:
        return [*scopes.SIGN_IN, *([scopes.REWARDS] if self._wants_rewards() else [])]

    def _wants_rewards(self) -> bool:
        """Whether it is asked for now or was given before: each sign-in's token has only what was asked."""
        strategy: Any = self.strategy
        request = strategy.request
        if WANTS_REWARDS in self.data or request.COOKIES.get(REWARDS_COOKIE):
            return True
        credential = TwitchCredential.objects.filter(user_id=request.user.pk or 0).first()
        return credential is not None and scopes.REWARDS in credential.scopes

    def auth_extra_arguments(self) -> dict[str, str]:
        # Else Twitch answers at once for the account it knows, and nobody gets to choose another one.
        strategy: Any = self.strategy
        asks_who = "switch" in self.data or strategy.request.user.is_authenticated
        return super().auth_extra_arguments() | ({"force_verify": "true"} if asks_who else {})

    def extra_data(self, _user: Any, uid: str, response: dict[str, Any], *_args: Any) -> dict[str, Any]:
        # social-auth keeps this as plain JSON, so no token may be in it; tokens go to TwitchCredential.
        return {"id": uid, "login": response.get("login", ""), "display_name": response.get("display_name", "")}


class SignInProblems(SocialAuthExceptionMiddleware):
    """Back to the sign-in page with one sentence that says what to do."""

    def get_message(self, _request: HttpRequest, exception: Exception) -> str:
        if isinstance(exception, AuthPolicyError):
            return _("This account is closed. Write to support to have it looked at.")
        if isinstance(exception, AuthCanceled):
            return _("You did not allow access on Twitch, so nothing was changed. Try again when you are ready.")
        if isinstance(exception, AuthSessionError):
            return _("That sign-in was too old or began in another window. Please start again here.")
        if isinstance(exception, AuthProviderError):
            return _("Twitch did not answer. Please try again in a minute.")
        return _("Signing in with Twitch did not work. Please try again.")


def switch_account(strategy: Any, uid: str, user: User | None = None, **_kwargs: Any) -> dict[str, Any] | None:
    """Somebody signed in as A who completes sign-in as B becomes B. The two accounts are never joined."""
    if user is None or user.twitch_id == uid:
        return None
    logout(strategy.request)
    return {"user": None, "switched": True}


def find_or_create_user(
    backend: Any, uid: str, details: dict[str, Any], response: dict[str, Any], user: User | None = None, **_kwargs: Any
) -> dict[str, Any]:
    """The person with this Twitch id, made when new. The e-mail may be missing."""
    found = user or User.objects.filter(twitch_id=uid).first()
    is_new = found is None
    known = found or _new_user(uid, str(response.get("login") or uid))
    if not known.is_active:
        raise AuthPolicyError(backend, code="authentication_disallowed", stage="pipeline")
    known.display_name = str(response.get("display_name") or response.get("login") or "")[:80]
    known.avatar_url = str(response.get("profile_image_url") or "")[:200]
    known.email = details.get("email") or known.email
    known.save(update_fields=["display_name", "avatar_url", "email"])
    return {"user": known, "is_new": is_new}


def _new_user(uid: str, twitch_login: str) -> User:
    # A name in use belongs to somebody else (an operator, a renamed account): it is no reason to become that person.
    taken = User.objects.filter(username=twitch_login).exists()
    try:
        with transaction.atomic():
            return User.objects.create_user(username=f"{twitch_login}-{uid}" if taken else twitch_login, twitch_id=uid)
    except IntegrityError:
        # Two windows completed their first sign-in together.
        return User.objects.get(twitch_id=uid)


@transaction.atomic
def keep_credential(user: User, response: dict[str, Any], **_kwargs: Any) -> None:
    """The tokens, encrypted."""
    now = timezone.now()
    granted = response.get("scope") or []
    TwitchCredential.objects.update_or_create(
        user=user,
        defaults={
            "access_token": response["access_token"],
            "refresh_token": response.get("refresh_token") or "",
            "scopes": granted.split() if isinstance(granted, str) else list(granted),
            "expires_at": now + timedelta(seconds=int(response.get("expires_in") or LIFE_UNKNOWN)),
            "validated_at": now,
            "refreshed_at": now,
            "refreshing_until": None,
            "state": TwitchCredential.State.OK,
            "problem": "",
        },
    )
    # Word that an older subscription has ended, which may still be on its way, is not about this consent. Ids that are
    # still good come back with Twitch's next list.
    EventSubSubscription.objects.filter(channel__broadcaster=user).update(twitch_id="")


def open_channel(
    strategy: Any, uid: str, response: dict[str, Any], user: User, switched: bool = False, **_kwargs: Any
) -> None:
    """The person's channel, open and permitted again; after a change of account also the new session."""
    with transaction.atomic():
        channel = actions.open_channel(
            user, login=_free_login(user, str(response.get("login") or uid)), display_name=str(user), twitch_id=uid
        )
        consent.given(channel, user.twitch_credential.scopes)
    if switched:
        # social-auth took the person for signed in already and will not do it.
        login(strategy.request, user, backend=BACKEND)


def _free_login(user: User, twitch_login: str) -> str:
    """The login, free for this channel: a renamed account may still stand under it, or the demo."""
    others = Channel.objects.filter(login=twitch_login).exclude(broadcaster=user)
    for other in others.filter(is_demo=False):
        Channel.objects.filter(pk=other.pk).update(login=f"{twitch_login}-{other.twitch_id}")
    return f"{twitch_login}-{user.twitch_id}" if others.exists() else twitch_login
