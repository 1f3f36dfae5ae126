"""The one refresher of Twitch tokens. Nobody else may use a refresh token: many work only once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F, Q
from django.utils import timezone

from channels_app.limits import alone
from channels_app.models import Channel, TwitchCredential, User
from channels_app.twitch import consent, helix
from channels_app.twitch.helix import TwitchError

log = logging.getLogger(__name__)

A = TypeVar("A")
Clock = Callable[[], float]

FRESH = timedelta(minutes=5)
"""A token is handed out only with at least this much life."""
DUE = timedelta(minutes=75)
"""Tokens with less life are refreshed ahead of need: the periodic run comes every few minutes."""
VALIDATE_EVERY = timedelta(minutes=50)
"""Twitch wants each token validated hourly: one that was just too young for a run is due in the next, minutes later."""
REFRESH_SECONDS = 20.0
"""How long one refresh may take; who claimed it and died holds up the others no longer than this."""
LOOK_SECONDS = 0.1
LONGEST_PASS = 60.0
"""Seconds after which a periodic run begins with no further token: a slow Twitch holds up a worker no longer."""
SIGN_IN_AGAIN = "Twitch no longer accepts this sign-in. Sign in with Twitch again."


def access_token(whose: User | Channel) -> str:
    """A token that works now, of a person or of a channel's broadcaster.

    Raises TwitchError: not retryable when the person must sign in again.
    """
    user = whose.broadcaster if isinstance(whose, Channel) else whose
    row = TwitchCredential.objects.filter(user=user).first()
    if row is None or row.state == TwitchCredential.State.RECONNECT:
        raise TwitchError(SIGN_IN_AGAIN, retryable=False, status=401)
    if row.expires_at - timezone.now() > FRESH:
        return row.access_token
    return _refresh(row.pk, FRESH)


def refresh_due_credentials(*, clock: Clock = time.monotonic) -> int:
    """Refreshes what ends soon, the soonest first. Returns how many were refreshed.

    What failed, and what was left when the time was over, comes again next time.
    """
    refreshed = 0
    ending = TwitchCredential.objects.filter(state=TwitchCredential.State.OK, expires_at__lt=timezone.now() + DUE)
    with alone("refresh", 2 * LONGEST_PASS) as mine:
        due = list(ending.order_by("expires_at").values_list("pk", flat=True)) if mine else []
        for pk in _in_time(due, clock):
            try:
                _refresh(pk, DUE)
                refreshed += 1
            except TwitchError as error:
                log.warning("credential %s was not refreshed: %s", pk, error)
    return refreshed


def validate_credentials(*, clock: Clock = time.monotonic) -> int:
    """Asks Twitch about every token that was not looked at lately, the longest ago first, while there is time.

    Returns how many of them are still good.
    """
    good = 0
    due = Q(validated_at__isnull=True) | Q(validated_at__lte=timezone.now() - VALIDATE_EVERY)
    waiting = TwitchCredential.objects.filter(due, state=TwitchCredential.State.OK)
    with alone("validate", 2 * LONGEST_PASS) as mine:
        rows = waiting.order_by(F("validated_at").asc(nulls_first=True)) if mine else waiting.none()
        for row in _in_time(rows, clock):
            try:
                _validate(row)
                good += 1
            except TwitchError as error:
                log.warning("credential %s was not validated: %s", row.pk, error)
    return good


def _in_time(due: Iterable[A], clock: Clock) -> Iterator[A]:
    """Those that can be begun with within a pass."""
    until = clock() + LONGEST_PASS
    for each in due:
        if clock() > until:
            log.warning("Twitch was too slow for all tokens that are due: the next run goes on")
            return
        yield each


def _validate(row: TwitchCredential) -> None:
    try:
        answer = helix.client().validate(row.access_token)
    except TwitchError as error:
        if error.status != 401:
            raise
        _refresh(row.pk, FRESH, rejected=row.access_token)
        return
    # Only if nobody refreshed meanwhile: these figures are about the token we asked for.
    TwitchCredential.objects.filter(pk=row.pk, refreshed_at=row.refreshed_at).update(
        validated_at=timezone.now(),
        expires_at=timezone.now() + timedelta(seconds=answer.expires_in),
        scopes=list(answer.scopes),
    )


def _refresh(pk: int, life: timedelta, *, rejected: str = "") -> str:
    """A token with more than this life, other than the one Twitch rejected. One refresh, however many ask at once.

    The row is claimed for the time Twitch is asked, and no transaction stays open meanwhile: on SQLite that would
    keep the whole house from writing.
    """
    patience = time.monotonic() + REFRESH_SECONDS
    while True:
        row = TwitchCredential.objects.get(pk=pk)
        if row.state == TwitchCredential.State.RECONNECT:
            raise TwitchError(SIGN_IN_AGAIN, retryable=False, status=401)
        if row.expires_at - timezone.now() > life and row.access_token != rejected:
            return row.access_token
        if (mark := _claim(row)) is not None:
            return _refresh_claimed(row, mark)
        if time.monotonic() > patience:
            raise TwitchError("Another process refreshes this token and does not finish.", retryable=True)
        time.sleep(LOOK_SECONDS)


def _claim(row: TwitchCredential) -> datetime | None:
    """Makes us the one refresher of this very token pair; None when somebody else is, or the pair has changed."""
    now = timezone.now()
    free = Q(refreshing_until__isnull=True) | Q(refreshing_until__lt=now)
    mark = now + timedelta(seconds=REFRESH_SECONDS)
    same_pair = TwitchCredential.objects.filter(free, pk=row.pk, refreshed_at=row.refreshed_at)
    return mark if same_pair.update(refreshing_until=mark) else None


def _refresh_claimed(row: TwitchCredential, mark: datetime) -> str:
    claimed = TwitchCredential.objects.filter(pk=row.pk, refreshing_until=mark)
    try:
        if not row.refresh_token:
            raise TwitchError("there is no refresh token", retryable=False, status=401)
        new = helix.client().refresh(row.refresh_token)
    except TwitchError as error:
        still_ours = claimed.update(refreshing_until=None)
        # Our own id or secret being wrong is no reason to sign everybody out and send them through sign-in.
        if error.status not in {400, 401} or not _application_is_known():
            raise
        if still_ours:
            consent.needed_again(row.user, str(error))
            raise TwitchError(SIGN_IN_AGAIN, retryable=False, status=401) from None
    else:
        if claimed.update(**_kept(row, new)):
            return new.access
    # Somebody signed in again meanwhile: their pair is newer than ours.
    return TwitchCredential.objects.get(pk=row.pk).access_token


def _application_is_known() -> bool:
    """Twitch answers an unknown client id as it answers a dead token; only its own token tells them apart."""
    try:
        helix.client().app_token()
    except TwitchError:
        return False
    return True


def _kept(row: TwitchCredential, new: helix.Tokens) -> dict[str, Any]:
    now = timezone.now()
    return {
        "access_token": new.access,
        "refresh_token": new.refresh or row.refresh_token,
        "expires_at": now + timedelta(seconds=new.expires_in),
        "refreshed_at": now,
        "validated_at": now,
        "refreshing_until": None,
        "scopes": list(new.scopes) or row.scopes,
        "state": TwitchCredential.State.OK,
        "problem": "",
    }
