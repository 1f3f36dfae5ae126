"""The settings page of a channel: the show for members; providers and members for the owner alone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_app import actions, panic_urls
from channels_app.dashboard import settings_actions
from channels_app.dashboard.access import member_page, owner_page
from channels_app.dashboard.caption_form import CaptionForm
from channels_app.dashboard.forms import MemberForm, ProviderForm, StageForm
from channels_app.dashboard.guard_form import GuardForm
from channels_app.dashboard.pages import base_context
from channels_app.dashboard.safety_form import SafetyForm
from channels_app.models import Channel, Membership, ProviderAccess, User
from channels_app.overlay.caption_style import style_of


@require_safe
@member_page
def settings_page(request: HttpRequest, channel: Channel) -> HttpResponse:
    return settings_with(request, channel)


@require_POST
@member_page
def save_stage(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    form = StageForm(request.POST)
    if not form.is_valid():
        return settings_with(request, channel, stage=form)
    actions.set_stage(channel, acting_user=request.user, **form.cleaned_data)
    return saved(request, channel)


@require_POST
@member_page
def save_safety(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    form = SafetyForm(request.POST, channel=channel, is_owner=_is_owner(request))
    if not form.is_valid():
        return settings_with(request, channel, safety=form)
    settings_actions.set_safety(channel, acting_user=request.user, **form.cleaned_data)
    return saved(request, channel)


@require_POST
@member_page
def save_captions(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    form = CaptionForm(request.POST, prefix="caption")
    if not form.is_valid():
        return settings_with(request, channel, captions=form)
    settings_actions.set_captions(channel, acting_user=request.user, style=form.cleaned_data)
    return saved(request, channel)


@require_http_methods(["POST"])
@owner_page
def save_provider(request: HttpRequest, channel: Channel, kind: str) -> HttpResponse:
    assert isinstance(request.user, User)
    chosen = _kind(kind)
    form = ProviderForm(request.POST, kind=kind, prefix=kind)
    if not form.is_valid():
        return settings_with(request, channel, provider_form=(kind, form))
    settings_actions.set_provider(channel, acting_user=request.user, kind=chosen, **form.cleaned_data)
    return saved(request, channel)


@require_POST
@owner_page
def remove_provider(request: HttpRequest, channel: Channel, kind: str) -> HttpResponse:
    assert isinstance(request.user, User)
    settings_actions.remove_provider(channel, acting_user=request.user, kind=_kind(kind))
    return saved(request, channel)


@require_POST
@owner_page
def add_member(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return settings_with(request, channel, member_form=form)
    try:
        settings_actions.add_moderator(channel, acting_user=request.user, person=form.person)
    except actions.PlanLimit as limit:
        form.add_error("login", limit.with_way_up(channel))
        return settings_with(request, channel, member_form=form)
    return saved(request, channel)


@require_POST
@owner_page
def remove_member(request: HttpRequest, channel: Channel, user_id: int) -> HttpResponse:
    assert isinstance(request.user, User)
    settings_actions.remove_moderator(channel, acting_user=request.user, person_id=user_id)
    return saved(request, channel)


def _is_owner(request: HttpRequest) -> bool:
    return request.role == Membership.Role.OWNER  # type: ignore[attr-defined, no-any-return]


def _kind(name: str) -> ProviderAccess.Kind:
    try:
        return ProviderAccess.Kind(name)
    except ValueError:
        raise Http404 from None


def saved(request: HttpRequest, channel: Channel) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("settings", public_id=channel.public_id)


def settings_with(
    request: HttpRequest,
    channel: Channel,
    *,
    stage: StageForm | None = None,
    safety: SafetyForm | None = None,
    captions: CaptionForm | None = None,
    guard: GuardForm | None = None,
    panic_url: str = "",
    provider_form: tuple[str, ProviderForm] | None = None,
    member_form: MemberForm | None = None,
) -> HttpResponse:
    base = base_context(request, channel)
    context = base | {
        "page": "settings",
        "stage": stage or StageForm(initial=_present(channel, *StageForm.base_fields)),
        "safety": safety
        or SafetyForm(
            initial=_present(channel, "safety_profile", "banned_words", "allowed_words"),
            channel=channel,
            is_owner=base["is_owner"],
        ),
        "captions": captions or CaptionForm(initial=style_of(channel), prefix="caption"),
    }
    if base["is_owner"]:
        context |= {
            "guard": guard or GuardForm(initial=_present(channel, *GuardForm.base_fields)),
            "panic_key": panic_urls.living_key(channel),
            "panic_url": panic_url,
            "providers": _providers(channel, dict([provider_form] if provider_form else [])),
            "members": Membership.objects.filter(channel=channel).select_related("user").order_by("role", "created_at"),
            "member_form": member_form or MemberForm(),
        }
    failed = any((stage, safety, captions, guard, provider_form, member_form))
    return render(request, "channels_app/settings.html", context, status=400 if failed else 200)


def _present(channel: Channel, *names: str) -> dict[str, Any]:
    return {name: getattr(channel, name) for name in names}


def _providers(channel: Channel, bound: dict[str, ProviderForm]) -> list[dict[str, Any]]:
    """One form a kind. The key itself is never in it: only whether there is one."""
    stored = {row.kind: row for row in ProviderAccess.objects.filter(channel=channel)}
    found = []
    for kind in ProviderAccess.Kind:
        row = stored.get(kind)
        initial = {"base_url": row.base_url, "model": row.model, "voice": row.voice} if row else {}
        form = bound.get(kind) or ProviderForm(initial=initial, kind=kind, prefix=kind)
        found.append({"kind": kind, "form": form, "row": row, "has_key": bool(row and row.api_key)})
    return found
