"""What she remembers, on the dashboard: to look at, add to, mend, delete, take along and switch off.

Here and not in a lower room, since the rules for what may be remembered stand in this one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from channels_app import memory_actions, screening
from channels_app.actions import Refused
from channels_app.dashboard.access import owner_page
from channels_app.dashboard.pages import base_context
from channels_app.models import Channel, MemoryFact, StreamSummary, User
from channels_app.models.memory import FACT_LENGTH, FACTS_PER_CHANNEL, FACTS_PER_CHATTER
from workers.brain import memory_rules

CHATTERS_SHOWN = 50


class FactForm(forms.Form):
    """One fact, by a member's hand."""

    text = forms.CharField(
        label=gettext_lazy("Fact"),
        max_length=FACT_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, channel: Channel, chatter_id: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel, self.chatter_id = channel, chatter_id

    def clean_text(self) -> str:
        text = " ".join(str(self.cleaned_data["text"]).split())
        if (objection := screening.objection(self.channel, text)) is not None:
            raise forms.ValidationError(
                _("The safety rules would keep her from saying that: %(words)s (%(rule)s)."),
                params={"words": objection.words, "rule": objection.rule},
            )
        if self.chatter_id and memory_rules.objection(text, ()):
            raise forms.ValidationError(
                _(
                    "About a chatter she keeps no orders, and nothing on health, sexuality, religion, politics, age or "
                    "where somebody lives."
                )
            )
        return text


@require_safe
@owner_page
def memory_page(request: HttpRequest, channel: Channel) -> HttpResponse:
    """`name` searches chatters by a part of their name."""
    return render(request, "workers/memory.html", _page(request, channel))


@require_POST
@owner_page
def add(request: HttpRequest, channel: Channel) -> HttpResponse:
    """A fact about the channel."""
    form = FactForm(request.POST, channel=channel)
    if not form.is_valid():
        return render(request, "workers/memory.html", _page(request, channel) | {"form": form}, status=400)
    return _done(request, channel, partial(memory_actions.add_fact, channel, **form.cleaned_data))


@require_POST
@owner_page
def change(request: HttpRequest, channel: Channel) -> HttpResponse:
    """Another wording for the `fact`, or with `do=delete` none at all."""
    fact = MemoryFact.objects.filter(channel=channel, pk=_number(request.POST.get("fact", ""))).first()
    if fact is None:
        messages.info(request, _("She has forgotten that already."))
        return redirect("memory", public_id=channel.public_id)
    if request.POST.get("do") == "delete":
        return _done(request, channel, partial(memory_actions.delete_fact, channel, fact=fact), _("Deleted."))
    form = FactForm(request.POST, channel=channel, chatter_id=fact.chatter_id)
    if not form.is_valid():
        wrong = {"pk": fact.pk, "text": request.POST.get("text", ""), "form": form}
        return render(request, "workers/memory.html", _page(request, channel) | {"wrong": wrong}, status=400)
    return _done(request, channel, partial(memory_actions.change_fact, channel, fact=fact, **form.cleaned_data))


@require_POST
@owner_page
def switch(request: HttpRequest, channel: Channel) -> HttpResponse:
    """`do`: on, off, or empty, which forgets all chatters."""
    match request.POST.get("do"):
        case "on" | "off" as wanted:
            return _done(request, channel, partial(memory_actions.set_remembers, channel, remembers=wanted == "on"))
        case "empty":
            said = _("She has forgotten all chatters.")
            return _done(request, channel, partial(memory_actions.forget_everybody, channel), said)
    return redirect("memory", public_id=channel.public_id)


@require_safe
@owner_page
def export(request: HttpRequest, channel: Channel) -> HttpResponse:
    """All of it as a JSON file. Nothing of it is kept on the server."""
    facts = MemoryFact.objects.filter(channel=channel)
    summary = StreamSummary.objects.filter(channel=channel).first()
    body = {
        "channel": channel.login,
        "stream_summary": summary.text if summary else "",
        "about_channel": [_as_json(fact) for fact in facts.filter(chatter_id="")],
        "about_chatters": [
            _as_json(fact) | {"chatter_id": fact.chatter_id, "chatter_name": fact.chatter_name}
            for fact in facts.exclude(chatter_id="")
        ],
    }
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = f'attachment; filename="{channel.login}-memory.json"'
    return response


def _as_json(fact: MemoryFact) -> dict[str, Any]:
    return {
        "text": fact.text,
        "learned_at": fact.learned_at.isoformat(),
        "expires_at": fact.expires_at.isoformat() if fact.expires_at else None,
        "source_message_id": fact.source_id,
        "written_by_member": fact.written_by_id is not None,
    }


def _number(text: str) -> int:
    """A row's number, 0 where it is none."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _done(request: HttpRequest, channel: Channel, action: Callable[..., None], said: str = "") -> HttpResponse:
    assert isinstance(request.user, User)
    try:
        action(acting_user=request.user)
        messages.success(request, said or _("Saved."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("memory", public_id=channel.public_id)


def _page(request: HttpRequest, channel: Channel) -> dict[str, Any]:
    name = request.GET.get("name", "").strip()[:80]
    about_chatters = MemoryFact.objects.filter(channel=channel).exclude(chatter_id="")
    found = about_chatters.filter(chatter_name__icontains=name) if name else about_chatters
    ids = list(dict.fromkeys(found.values_list("chatter_id", flat=True)))
    by_chatter: dict[str, list[MemoryFact]] = {chatter_id: [] for chatter_id in ids[:CHATTERS_SHOWN]}
    for fact in about_chatters.filter(chatter_id__in=by_chatter):
        by_chatter[fact.chatter_id].append(fact)
    summary = StreamSummary.objects.filter(channel=channel).first()
    return base_context(request, channel) | {
        "page": "memory",
        "form": FactForm(channel=channel),
        "channel_facts": MemoryFact.objects.filter(channel=channel, chatter_id="").select_related("written_by"),
        "chatters": list(by_chatter.values()),
        "more": max(0, len(ids) - CHATTERS_SHOWN),
        "known": about_chatters.values("chatter_id").distinct().count(),
        "name": name,
        "summary": summary if summary and summary.text else None,
        "has_model": settings.ENV.has_llm or channel.providers.filter(kind="llm").exists(),
        "most": {"channel": FACTS_PER_CHANNEL, "chatter": FACTS_PER_CHATTER, "length": FACT_LENGTH},
    }
