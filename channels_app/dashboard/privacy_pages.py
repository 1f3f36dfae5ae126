"""Privacy: what is kept how long, taking it along, one chatter's data, and the end of the channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_app import chatters, erasure, exports, limits_of_time, privacy, queries
from channels_app.actions import Refused, record
from channels_app.dashboard.access import owner_page
from channels_app.dashboard.pages import base_context
from channels_app.entitlements import entitlements_of
from channels_app.limits import MINUTE, within
from channels_app.models import Channel, DataExport, User
from channels_app.retention import EXPORT_LIFE, HISTORY_LIFE
from channels_app.twitch import people

SOUGHT_PER_MINUTE = 10
"""Look-ups at Twitch: all channels share the application's limit there."""


class ChatterForm(forms.Form):
    """Which chatter: a Twitch id or a name."""

    chatter = forms.CharField(
        label=gettext_lazy("Twitch login or id"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )


class DeleteForm(forms.Form):
    """The channel's login, typed by hand."""

    login = forms.CharField(
        max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"})
    )

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel = channel
        self.fields["login"].label = _("Type %(login)s to confirm") % {"login": channel.login}

    def clean_login(self) -> str:
        typed = str(self.cleaned_data["login"]).strip().lower()
        if typed != self.channel.login.lower():
            raise forms.ValidationError(
                _("That is not the login of this channel, which is %(login)s."), params={"login": self.channel.login}
            )
        return typed


@require_safe
@owner_page
def page(request: HttpRequest, channel: Channel) -> HttpResponse:
    return _page(request, channel)


@require_safe
@owner_page
def progress(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The list of exports alone, for the page's script to swap in."""
    return render(request, "channels_app/parts/exports.html", base_context(request, channel) | _exports(channel))


@require_POST
@owner_page
def ask_export(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    try:
        exports.ask(channel, acting_user=request.user, language=get_language() or "en")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("privacy", public_id=channel.public_id)


@require_safe
@owner_page
def download(request: HttpRequest, channel: Channel, export_id: int) -> HttpResponseBase:
    """The zip file; 404 once its week is over."""
    path = exports.ready_file(channel, export_id)
    if path is None:
        raise Http404
    assert isinstance(request.user, User)
    record(channel, request.user, "privacy.export_taken")
    name = f"aigirl-{channel.login}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


@require_POST
@owner_page
def find_chatter(request: HttpRequest, channel: Channel) -> HttpResponse:
    """What there is of a chatter. By POST: the name is in no address and no log of addresses. Where nothing is stored
    under it Twitch is asked whose login it is."""
    form = ChatterForm(request.POST)
    if not form.is_valid():
        return _page(request, channel, chatter_form=form)
    words, sought = form.cleaned_data["chatter"], None
    found = _stored(channel, chatters.find(channel, words))
    if not found and within("seek-chatter", channel.pk, SOUGHT_PER_MINUTE, MINUTE):
        sought = people.seek(words)
    if sought and sought.id:
        found = _stored(channel, chatters.by_login(channel, sought))
    return _page(request, channel, chatter_form=form, found=found, sought=sought)


@require_POST
@owner_page
def copy_chatter(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Everything there is of one chatter, as a JSON file for the chatter."""
    assert isinstance(request.user, User)
    copy = chatters.copy_of(channel, _chatter(request, channel), acting_user=request.user)
    response = JsonResponse(copy, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="chatter.json"'
    return response


@require_POST
@owner_page
def erase_chatter(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    chatters.erase(channel, _chatter(request, channel), acting_user=request.user)
    messages.success(request, _("Erased. Backups and your providers may keep copies for a while."))
    return redirect("privacy", public_id=channel.public_id)


@require_POST
@owner_page
def delete(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Stops and hides the channel. It is erased after a week."""
    assert isinstance(request.user, User)
    form = DeleteForm(request.POST, channel=channel)
    if not form.is_valid():
        return _page(request, channel, delete_form=form)
    try:
        erasure.close(channel, acting_user=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("privacy", public_id=channel.public_id)
    return redirect("closing", public_id=channel.public_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def closing(request: HttpRequest, public_id: str) -> HttpResponse:
    """An own channel that is being deleted. GET tells until when it can be kept, POST keeps it."""
    if not isinstance(request.user, User):
        return redirect("sign_in")
    channel = queries.closing_channels_of(request.user).filter(public_id=public_id).first()
    if channel is None:
        get_object_or_404(Channel, broadcaster=request.user, public_id=public_id)
        return redirect("privacy", public_id=public_id)
    if request.method == "POST":
        if not erasure.reopen(channel, acting_user=request.user):
            messages.error(request, _("The time is over. The channel is being erased."))
            return redirect("closing", public_id=public_id)
        messages.success(
            request, _("Your channel is back. Sign in with Twitch again, and make a new overlay URL for OBS.")
        )
        return redirect("channel", public_id=public_id)
    return render(request, "channels_app/closing.html", {"closing": channel, "grace": erasure.GRACE.days})


def _chatter(request: HttpRequest, channel: Channel) -> privacy.Chatter:
    """The one of those a name may mean who was chosen. Raises Http404."""
    wanted, words = request.POST.get("id", ""), request.POST.get("chatter", "")
    found = chatters.find(channel, wanted) or chatters.find(channel, words)
    chosen = next((each for each in found if each.id == wanted), None)
    if chosen is None:
        raise Http404
    return chatters.also_called(channel, chosen, words)


def _stored(channel: Channel, found: Sequence[privacy.Chatter]) -> list[dict[str, Any]]:
    """Those of whom there is anything, with how much of what."""
    counted = [{"chatter": each, "counts": privacy.chatter_counts(channel, each)} for each in found]
    return [each for each in counted if each["counts"]]


def _exports(channel: Channel) -> dict[str, Any]:
    last = list(DataExport.objects.filter(channel=channel)[:5])
    rows = [{"row": row, "until": row.ready_at + EXPORT_LIFE if row.ready_at else None} for row in last]
    return {"exports": rows, "kept_days": EXPORT_LIFE.days, "is_making": any(row.is_open for row in last)}


def _page(
    request: HttpRequest,
    channel: Channel,
    *,
    chatter_form: ChatterForm | None = None,
    found: list[dict[str, Any]] | None = None,
    sought: people.Sought | None = None,
    delete_form: DeleteForm | None = None,
) -> HttpResponse:
    failed = any(form is not None and not form.is_valid() for form in (chatter_form, delete_form))
    context = base_context(request, channel) | _exports(channel) | {
        "page": "privacy",
        "limits": [_limit(limit, channel) for limit in limits_of_time.limits()],
        "chatter_form": chatter_form or ChatterForm(),
        "found": found,
        "sought": sought,
        "delete_form": delete_form or DeleteForm(channel=channel),
        "grace": erasure.GRACE.days,
    }  # fmt: skip
    return render(request, "channels_app/privacy.html", context, status=400 if failed else 200)


def _limit(limit: limits_of_time.Limit, channel: Channel) -> dict[str, Any]:
    """A row of the table."""
    life, days = limit.life, entitlements_of(channel).history_days
    if limit.name == "turns" and days is not None:
        shown = _("You see %(life)s of it with your plan.") % {"life": _days(days)}
        return {"what": limit.what, "life": _days(HISTORY_LIFE.days), "note": shown}
    if life is None:
        return {"what": limit.what, "life": limit.note, "note": ""}
    hours = int(life.total_seconds() // 3600)
    told = _days(life.days) if hours >= 48 else ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return {"what": limit.what, "life": told, "note": limit.note}


def _days(days: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
