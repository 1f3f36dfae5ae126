"""Character cards on the dashboard: brought, looked at, judged by the safety rules, published, and given out again.

Here and not in `personas`, since the rules and the lorebook's engine stand in this room.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from channels_app.actions import Refused
from channels_app.dashboard.access import power_page
from channels_app.dashboard.pages import base_context
from channels_app.models import Channel, User
from channels_app.powers import Power
from channels_app.screening import Objection
from personas import screening
from personas.actions import create_default_persona
from personas.card_actions import (
    discard_draft,
    draft_card,
    is_card,
    keep_picture,
    publish_draft,
    take_card_off,
    values_from,
)
from personas.cards import carriers, limits, png
from personas.cards.card import Card, as_kind, card_of
from personas.cards.refusal import CardRefused
from personas.cards.summary import BookSummary, book_summary, every_text, kept_fields, used_texts
from personas.character import DESCRIPTION_LENGTH, exported, stage_name
from personas.look import picture_address
from personas.models import CardDraft, PersonaVersion
from personas.uploads import store
from personas.uploads.picture import PictureRefused
from personas.views import after_saving
from personas.words import CARD_FIELDS
from workers.brain.lorebook import MAX_PATTERNS, is_usable
from workers.safety.cards import CardVerdict, judge_card

REFUSALS = {
    "card.minors": gettext_lazy(
        "This character is shown as a minor in a sexual setting. Such cards are never taken. Found: %(words)s."
    ),
    "card.sexual": gettext_lazy(
        "This card is made for sexual talk, which Twitch does not allow. Remove it from the card, or choose another "
        "one. Found: %(words)s."
    ),
    "card.too_long": gettext_lazy(
        "The card has too much text to be checked. Remove lorebook entries or extensions of other programs, and try "
        "again."
    ),
}
OTHER_REFUSAL = gettext_lazy(
    "The card holds words that she may never say. Remove them from the card and try again. Found: %(words)s (%(rule)s)."
)
MOST_EVIDENCE = 120
PICTURES = ("png", "apng")
"""What carries a card and is a picture."""


@require_http_methods(["GET", "HEAD", "POST"])
@power_page(Power.PERSONA)
def card(request: HttpRequest, channel: Channel) -> HttpResponse:
    """GET: the import that waits, or how to bring one. POST: a file under `card`."""
    if request.method == "POST":
        return _bring(request, channel)
    draft = CardDraft.objects.filter(channel=channel).first()
    return render(request, "workers/card.html", _page(request, channel) | (_preview(channel, draft) if draft else {}))


@require_POST
@power_page(Power.PERSONA)
def decide(request: HttpRequest, channel: Channel) -> HttpResponse:
    """`do`: publish or discard what waits, or take_off what she wears."""
    assert isinstance(request.user, User)
    match request.POST.get("do"):
        case "publish":
            try:
                version = publish_draft(
                    channel,
                    acting_user=request.user,
                    brought_at=request.POST.get("brought_at", ""),
                    picture=request.POST.get("picture", ""),
                )
            except Refused as refused:
                messages.error(request, str(refused))
                return redirect("persona_card", public_id=channel.public_id)
            if version is None:
                messages.info(request, _("That card is not waiting any more. Nothing was changed."))
                return redirect("persona_card", public_id=channel.public_id)
            return after_saving(request, channel, version)
        case "discard":
            discard_draft(channel, acting_user=request.user)
            messages.info(request, _("The card was not taken. Nothing was changed."))
        case "take_off":
            take_card_off(channel, acting_user=request.user)
            messages.success(request, _("Card and lorebook are taken off. Her name and who she is stay."))
        case _:
            return redirect("persona_card", public_id=channel.public_id)
    return redirect("persona", public_id=channel.public_id)


@require_safe
@power_page(Power.PERSONA)
def export(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The published version as a file; `as` is one of EXPORTS."""
    version = create_default_persona(channel, "en")
    kind = request.GET.get("as", "")
    if kind == "lorebook" and version.lorebook:
        return _file(carriers.to_json(version.lorebook), "json", f"{version.name} lorebook")
    make = EXPORTS.get(kind)
    if make is None:
        messages.error(request, _("Choose how to export her from the list."))
        return redirect("persona", public_id=channel.public_id)
    content, extension = make(exported(version), version)
    return _file(content, extension, version.name)


def _bring(request: HttpRequest, channel: Channel) -> HttpResponse:
    assert isinstance(request.user, User)
    file = request.FILES.get("card")
    if file is None:
        return _refused(request, channel, _("Choose a card first."))
    try:
        # One byte more than allowed is enough to know that there are more.
        data = file.read(limits.MAX_FILE_BYTES + 1)
        brought = carriers.read(data)
        verdict = _verdict(brought.document)
        if verdict.rule:
            return _refused(request, channel, why_refused(verdict))
        for _field, objection in _objections(channel, brought.document):
            if objection.is_hard:
                return _refused(request, channel, screening.refusal(objection))
        draft = draft_card(channel, acting_user=request.user, brought=brought, hints=verdict.hints)
    except CardRefused as refused:
        return _refused(request, channel, str(refused))
    if request.POST.get("picture") and brought.carrier in PICTURES and is_card(brought.document):
        try:
            keep_picture(draft, acting_user=request.user, data=data, label=file.name or "")
        except (PictureRefused, Refused) as refused:
            messages.warning(request, _("The card was read, its picture was not kept: %(why)s") % {"why": refused})
    return redirect("persona_card", public_id=channel.public_id)


def _refused(request: HttpRequest, channel: Channel, reason: str) -> HttpResponse:
    return render(request, "workers/card.html", _page(request, channel) | {"problem": reason}, status=400)


def _page(request: HttpRequest, channel: Channel) -> dict[str, Any]:
    return base_context(request, channel) | {"page": "persona"}


def _verdict(document: dict[str, Any]) -> CardVerdict:
    tags = card_of(document).texts("tags") if is_card(document) else []
    return judge_card(every_text(document), tags)


def why_refused(verdict: CardVerdict) -> str:
    """In a sentence, with what was found."""
    sentence = REFUSALS.get(verdict.rule, OTHER_REFUSAL)
    return str(sentence) % {"words": verdict.evidence[:MOST_EVIDENCE], "rule": verdict.rule}


def _objections(channel: Channel, document: dict[str, Any]) -> list[tuple[str, Objection]]:
    """What the channel's rules find in the texts that replace hers, as when they are saved by hand."""
    return list(screening.objections(channel, values_from(document))) if is_card(document) else []


def _preview(channel: Channel, draft: CardDraft) -> dict[str, Any]:
    """What the page tells of a draft."""
    document = draft.document
    hints = ", ".join(draft.hints)[:MOST_EVIDENCE]
    if not is_card(document):
        alone = book_summary(document["data"])
        return {"draft": draft, "book": alone, "warnings": _book_warnings(alone), "hints": hints}
    shown = card_of(document)
    book = book_summary(shown.book) if shown.book else None
    return {
        "draft": draft,
        "card": shown,
        "picture": picture_address(draft.picture) if draft.picture else "",
        "format": f"{shown.kind.upper()}, {draft.carrier.upper()}",
        "used": [(CARD_FIELDS[name], text) for name, text in used_texts(shown)],
        "kept": [CARD_FIELDS.get(name, name) for name in kept_fields(shown)],
        "notes": shown.text("creator_notes").strip(),
        "creator": shown.text("creator").strip(),
        "book": book,
        "warnings": [
            *(screening.warning(name, found) for name, found in _objections(channel, document)),
            *_card_warnings(shown, draft),
            *(_book_warnings(book) if book else []),
        ],
        "hints": hints,
    }


def _card_warnings(shown: Card, draft: CardDraft) -> list[str]:
    found = []
    if draft.two_cards:
        found.append(_("The picture holds an older card too, which tells something else. The newer one was read."))
    if shown.is_newer:
        found.append(_("The card was saved in a newer format than known here. What is shown below was understood."))
    if len(shown.text("description").strip()) > DESCRIPTION_LENGTH:
        found.append(
            _("Who she is has more than %(most)s characters. She reads the beginning.") % {"most": DESCRIPTION_LENGTH}
        )
    if " ".join(shown.text("name").split()) != stage_name(shown):
        found.append(_("The name is longer than 40 characters, so its beginning is used."))
    if shown.text("system_prompt").strip() or shown.text("post_history_instructions").strip():
        found.append(_("The card gives her instructions. They count below the safety rules and lift none of them."))
    return found


def _book_warnings(book: BookSummary) -> list[str]:
    unusable = [pattern for pattern in book.patterns if not is_usable(pattern)]
    found = []
    if unusable:
        shown = ", ".join(pattern[:40] for pattern in unusable[:5])
        found.append(
            _("Some lorebook keys are regular expressions that are not understood here and will not match: %(keys)s.")
            % {"keys": shown}
        )
    if len(book.patterns) > MAX_PATTERNS:
        found.append(
            _("The lorebook has more than %(most)s regular expressions. Only the first ones are used.")
            % {"most": MAX_PATTERNS}
        )
    if book.unfollowed:
        shown = ", ".join(f"@@{name[:40]}" for name in book.unfollowed[:10])
        found.append(
            _("Some lorebook entries hold decorators that change nothing here, and come up by their keys: %(names)s.")
            % {"names": shown}
        )
    return found


def _picture(version: PersonaVersion) -> bytes:
    """Her closed mouth where she has pictures of her own that can carry a card, else a plain one."""
    own = version.avatar.get("own", {}).get("pictures", {}) if version.avatar.get("kind") == "png" else {}
    named = [name for name in own.values() if str(name).endswith(".png")]
    return (store.read(named[0]) if named else None) or png.plain_picture()


def _charx(shown: Card, _version: PersonaVersion) -> tuple[bytes, str]:
    return carriers.to_charx(carriers.without_files(as_kind(shown, "v3"))), "charx"


EXPORTS: dict[str, Callable[[Card, PersonaVersion], tuple[bytes, str]]] = {
    "v2": lambda shown, _version: (carriers.to_json(as_kind(shown, "v2")), "json"),
    "v3": lambda shown, _version: (carriers.to_json(as_kind(shown, "v3")), "json"),
    "png": lambda shown, version: (carriers.to_picture(as_kind(shown, "v3"), _picture(version)), "png"),
    "charx": _charx,
}
CONTENT_TYPES = {"json": "application/json", "png": "image/png", "charx": "application/zip"}


def _file(content: bytes, extension: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPES[extension])
    response["Content-Disposition"] = f'attachment; filename="{slugify(name) or "character"}.{extension}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
