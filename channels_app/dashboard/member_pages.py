"""Members of a channel: who helps and what they may do, invitations, and the pages where they are accepted."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_app import invitations, terms
from channels_app.actions import PlanLimit, Refused
from channels_app.dashboard.access import member_page, owner_page
from channels_app.dashboard.pages import base_context
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel, Invitation, Membership, User
from channels_app.powers import Power, known, powers_at_first

LOGIN = re.compile(r"[a-z0-9_]{1,25}")


class PowersForm(forms.Form):
    """What somebody may do."""

    powers = forms.MultipleChoiceField(
        label=gettext_lazy("May"), choices=Power.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


class InviteForm(PowersForm):
    """Whom to invite: a Twitch login, or nobody in particular for a link."""

    login = forms.CharField(
        label=gettext_lazy("Twitch login"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("Leave empty for a link that lets in whoever opens it first."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    field_order = ("login", "powers")

    def clean_login(self) -> str:
        login = str(self.cleaned_data["login"]).strip().lower().removeprefix("@")
        if login and not LOGIN.fullmatch(login):
            raise forms.ValidationError(_("Twitch logins have letters without accents, digits and underscores."))
        return login


@require_safe
@member_page
def members(request: HttpRequest, channel: Channel) -> HttpResponse:
    return _page(request, channel)


@require_POST
@owner_page
def invite(request: HttpRequest, channel: Channel) -> HttpResponse:
    """By login, or by a link that is shown in this answer and nowhere else."""
    assert isinstance(request.user, User)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, channel, form=form)
    login, powers = form.cleaned_data["login"], form.cleaned_data["powers"]
    try:
        if not login:
            url = invitations.invite_by_link(channel, acting_user=request.user, powers=powers)
            return _page(request, channel, link=url)
        invitations.invite_login(channel, acting_user=request.user, login=login, powers=powers)
    except PlanLimit as limit:
        messages.error(request, limit.with_way_up(channel))
        return redirect("members", public_id=channel.public_id)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("members", public_id=channel.public_id)
    messages.success(request, _("%(login)s is asked at the next sign-in here.") % {"login": login})
    return redirect("members", public_id=channel.public_id)


@require_POST
@owner_page
def set_powers(request: HttpRequest, channel: Channel, user_id: int) -> HttpResponse:
    assert isinstance(request.user, User)
    form = PowersForm(request.POST)
    if form.is_valid():
        powers = form.cleaned_data["powers"]
        invitations.set_powers(channel, acting_user=request.user, person_id=user_id, powers=powers)
        messages.success(request, _("Saved."))
    return redirect("members", public_id=channel.public_id)


@require_POST
@owner_page
def remove(request: HttpRequest, channel: Channel, user_id: int) -> HttpResponse:
    assert isinstance(request.user, User)
    if invitations.remove(channel, acting_user=request.user, person_id=user_id):
        messages.success(request, _("That person is no moderator any more."))
    return redirect("members", public_id=channel.public_id)


@require_POST
@owner_page
def take_back(request: HttpRequest, channel: Channel, invitation_id: int) -> HttpResponse:
    assert isinstance(request.user, User)
    if invitations.take_back(channel, acting_user=request.user, invitation_id=invitation_id):
        messages.success(request, _("The invitation is taken back."))
    return redirect("members", public_id=channel.public_id)


@require_POST
@member_page
def leave(request: HttpRequest, channel: Channel) -> HttpResponse:
    """A moderator goes. The broadcaster cannot: a channel is deleted instead."""
    assert isinstance(request.user, User)
    if not invitations.remove(channel, acting_user=request.user, person_id=request.user.pk):
        messages.error(request, _("The broadcaster cannot leave. The channel can be deleted under Privacy."))
        return redirect("members", public_id=channel.public_id)
    messages.success(request, _("You have left %(channel)s.") % {"channel": channel.shown_name})
    return redirect("home")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """An invitation by link: who is invited signs in, reads what it allows, and says yes."""
    invitation = invitations.by_token(token)
    response = _answered(request, invitation, reverse("join", args=[token]))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invited(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An invitation to the login of whoever asks; for everybody else it does not exist."""
    invitation = None
    if isinstance(request.user, User):
        invitation = invitations.waiting_for(request.user).filter(pk=pk).first()
        if invitation is None:
            raise Http404
    return _answered(request, invitation, reverse("invited", args=[pk]))


def _answered(request: HttpRequest, invitation: Invitation | None, here: str) -> HttpResponseBase:
    person = request.user
    if not isinstance(person, User):
        return redirect_to_login(here)
    if terms.are_due(person):
        return redirect(f"{reverse('agree')}?{urlencode({'next': here})}")
    if invitation is None:
        return render(request, "channels_app/invitation.html", status=410)
    if request.method == "POST" and request.POST.get("do") == "decline":
        invitations.decline(invitation, person=person)
        return redirect("home")
    if request.method == "POST":
        try:
            channel = invitations.accept(invitation, person=person)
            return redirect("channel", public_id=channel.public_id)
        except Refused as refused:
            messages.error(request, str(refused))
    about = {"invitation": invitation, "may_do": _named(invitation.powers)}
    return render(request, "channels_app/invitation.html", about)


def _page(request: HttpRequest, channel: Channel, *, form: InviteForm | None = None, link: str = "") -> HttpResponse:
    context = base_context(request, channel)
    people = Membership.objects.filter(channel=channel).select_related("user").order_by("created_at")
    rows = [_row(each) for each in people]
    context |= {"page": "members", "members": sorted(rows, key=lambda row: not row["is_owner"]), "person": request.user}
    if context["is_owner"]:
        waiting = [{"row": each, "may_do": _named(each.powers)} for each in invitations.open_invitations(channel)]
        context |= {
            "waiting": waiting,
            "most": entitlements_of(channel).moderators,
            "taken": len(rows) - 1 + len(waiting),
            "form": form or InviteForm(initial={"powers": powers_at_first()}),
            "link": link,
        }
    response = render(request, "channels_app/members.html", context, status=400 if form is not None else 200)
    if link:
        response.headers["Cache-Control"] = "no-store"
    return response


def _row(member: Membership) -> dict[str, Any]:
    is_owner = member.role == Membership.Role.OWNER
    chosen = known(member.powers)
    form = None if is_owner else PowersForm(initial={"powers": chosen}, auto_id=f"id_{member.pk}_%s")
    return {"member": member, "is_owner": is_owner, "form": form, "may_do": _named(chosen)}


def _named(powers: list[str]) -> list[str]:
    return [str(Power(power).label) for power in known(powers)]
