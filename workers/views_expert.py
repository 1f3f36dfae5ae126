"""The expert view: a card's texts and lorebook by hand, judged by the safety rules like a card that is brought.

Here and not in `personas`, since the rules and the lorebook's engine stand in this room.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from channels_app.actions import Refused
from channels_app.dashboard.access import power_page
from channels_app.models import Channel
from channels_app.powers import Power
from personas import screening
from personas.actions import Overtaken
from personas.cards import edit
from personas.cards.card import card_of, check_entries
from personas.cards.entries import entry_keys, entry_rows, entry_text
from personas.cards.lore import check_keys
from personas.cards.refusal import CardRefused
from personas.cards.summary import every_text
from personas.cards.text import Document
from personas.compare import entry_name
from personas.expert_form import EntryForm, ExpertForm, NewEntryForm, entry_digest
from personas.models import PersonaVersion
from personas.views import KEPT, asked_draft, draft_gone, room_context, save_values, shown_version, whole
from workers.brain.catalogue import estimate_tokens
from workers.brain.lorebook import is_usable
from workers.safety.cards import judge_card
from workers.views_cards import why_refused

ENTRIES_SHOWN = 300
NEW_ENTRY: Document = {"keys": [], "content": "", "extensions": {}, "enabled": True, "use_regex": False}
SHELVES: tuple[edit.Shelf, ...] = ("card", "own")

Page = Callable[[HttpRequest, Channel], HttpResponse]


def _read_anew(page: Page) -> Page:
    """Carries a page out again where somebody saved between its look and its write, and so by what stands there now.

    Each time round somebody else has saved, so it comes to an end.
    """

    @wraps(page)
    def settled(request: HttpRequest, channel: Channel) -> HttpResponse:
        while True:
            try:
                return page(request, channel)
            except Overtaken:
                continue

    return settled


@require_http_methods(["GET", "HEAD", "POST"])
@power_page(Power.PERSONA)
@_read_anew
def expert(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The card's texts; a card is made where there was none."""
    version, draft = shown_version(request, channel)
    card = card_of(version.card) if version.card else None
    form = ExpertForm.of(card, draft.number if draft else None, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _expert(request, channel, version, form)
    if form.is_stale:
        form.add_error(None, draft_gone(request, draft) or f"{_('Somebody has changed this meanwhile.')} {KEPT}")
        return _expert(request, channel, version, form, status=409)
    if form.is_valid():
        made = edit.with_fields(card or edit.blank_card(version.name), form.texts(), form.greetings())
        untouched = card is None and made.document == edit.blank_card(version.name).document
        warnings = _objected(channel, form, form.texts())
        _judge(form, made.document)
        if not form.errors:
            try:
                values = {"card": {} if untouched else made.document}
                return _saved(request, channel, values, version, "persona_expert", warnings)
            except Refused as refused:
                form.add_error(None, str(refused))
    return _expert(request, channel, version, form, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@power_page(Power.PERSONA)
@_read_anew
def lore(request: HttpRequest, channel: Channel) -> HttpResponse:
    """The entries of her lorebooks. `shelf` and `entry` choose one to edit, `entry=new` is one more."""
    version, draft = shown_version(request, channel)
    shelf: edit.Shelf = "own" if request.GET.get("shelf") == "own" else "card"
    asked = request.GET.get("entry", "")
    if not asked:
        return render(request, "workers/lore.html", _lore(request, channel, version))
    rows = entry_rows(_book(version, shelf))
    place = _place(request, rows)
    if request.method != "POST" and asked != "new" and place is None:
        messages.info(request, _("That entry is not there any more."))
        return redirect("persona_lore", public_id=channel.public_id)
    before: Document = rows[place] if place is not None else NEW_ENTRY
    make = EntryForm if place is not None else NewEntryForm
    form = make.of(before, draft.number if draft else None, request.POST if request.method == "POST" else None)
    status = 200
    if form.is_stale:
        lost = _(
            "This entry was changed or removed meanwhile. Nothing was written. Your words stand below as a new one."
        )
        form.add_error(None, draft_gone(request, draft) or lost)
        status = 409
    elif request.method == "POST":
        saved = _save_entry(request, channel, version, shelf, place, form)
        if saved is not None:
            return saved
        status = 400
    context = _lore(request, channel, version) | {"form": form, "place": place, "shelf": shelf}
    return render(request, "workers/lore.html", context, status=status)


def _place(request: HttpRequest, rows: list[Document]) -> int | None:
    """Where the entry stands that the page is about. One that was shown is found by what it said."""
    place = whole(request.GET.get("entry"))
    if place is None or request.method != "POST":
        return place if place is not None and place < len(rows) else None
    shown, draft = request.POST.get("shown"), asked_draft(request)
    places = [*range(place, place + 1), *range(len(rows))]
    return next((each for each in places if each < len(rows) and entry_digest(rows[each], draft) == shown), None)


def _save_entry(
    request: HttpRequest,
    channel: Channel,
    version: PersonaVersion,
    shelf: edit.Shelf,
    place: int | None,
    form: EntryForm,
) -> HttpResponse | None:
    """Writes the entry, or takes it out; None where the form says why not."""
    book = _book(version, shelf)
    gone = request.POST.get("remove") == "1" and place is not None
    if not gone and not form.is_valid():
        return None
    before = entry_rows(book)[place] if place is not None else NEW_ENTRY
    made = edit.with_entry(book, place, None if gone else form.entry(before))
    values = _with_book(version, shelf, made)
    warnings = []
    if not gone:
        warnings = _objected(channel, form, form.changed) + _keys(form, made)
        _judge(form, values)
    if not gone and form.errors:
        return None
    try:
        return _saved(request, channel, values, version, "persona_lore", warnings)
    except Refused as refused:
        messages.error(request, str(refused))
        return None


def _saved(
    request: HttpRequest,
    channel: Channel,
    values: dict[str, Document],
    version: PersonaVersion,
    room: str,
    warnings: list[str],
) -> HttpResponse:
    read = {name: getattr(version, name) for name in values}
    return save_values(request, channel, values, version, room=room, warnings=warnings, read=read)


def _expert(
    request: HttpRequest, channel: Channel, version: PersonaVersion, form: ExpertForm, *, status: int = 200
) -> HttpResponse:
    context = room_context(request, channel, "expert", version) | {
        "form": form,
        "beside": estimate_tokens(f"{version.description}\n{version.style}"),
    }
    return render(request, "workers/expert.html", context, status=status)


def _lore(request: HttpRequest, channel: Channel, version: PersonaVersion) -> dict[str, Any]:
    shelves = [
        {"shelf": shelf, "rows": _shown(_book(version, shelf))}
        for shelf in SHELVES
        if shelf == "card" or version.lorebook
    ]
    return room_context(request, channel, "lore", version) | {
        "shelves": shelves,
        "several": len(shelves) > 1,
        "entries": sum(len(each["rows"]) for each in shelves),
        "most": ENTRIES_SHOWN,
    }


def _shown(book: Document) -> list[dict[str, Any]]:
    return [
        {
            "place": place,
            "name": entry_name(row),
            "keys": ", ".join(entry_keys(row))[:160],
            "content": entry_text(row, "content")[:160],
            "constant": row.get("constant") is True,
            "off": row.get("enabled", True) is False,
            "tokens": estimate_tokens(entry_text(row, "content")),
        }
        for place, row in enumerate(entry_rows(book)[:ENTRIES_SHOWN])
    ]


def _book(version: PersonaVersion, shelf: edit.Shelf) -> Document:
    if shelf == "own" and version.lorebook:
        return dict(version.lorebook["data"])
    card = card_of(version.card) if version.card else None
    return card.book if card and card.book else edit.blank_book()


def _with_book(version: PersonaVersion, shelf: edit.Shelf, book: Document) -> dict[str, Document]:
    """The version's value with this book in it."""
    if shelf == "own" and version.lorebook:
        return {"lorebook": version.lorebook | {"data": book}}
    card = card_of(version.card) if version.card else edit.blank_card(version.name)
    return {"card": edit.with_book(card, book).document}


def _objected(channel: Channel, form: forms.Form, texts: dict[str, Any]) -> list[str]:
    """Refuses on the form what no channel may hold; returns what this one blocks."""
    warnings = []
    for field, objection in screening.objections(channel, texts):
        if objection.is_hard:
            form.add_error(field, screening.refusal(objection))
        else:
            warnings.append(screening.warning(field, objection))
    return warnings


def _judge(form: forms.Form, document: Document) -> None:
    """Refuses on the form what may not be brought as a card either."""
    if not form.errors and (verdict := judge_card(every_text(document))).rule:
        form.add_error(None, why_refused(verdict))


def _keys(form: EntryForm, book: Document) -> list[str]:
    """Refuses what is too much for a lorebook; returns patterns that will not match."""
    try:
        check_entries(book)
        check_keys(book)
    except CardRefused as refused:
        form.add_error(None, str(refused))
    slashed = [key for key in form.changed.get("keys", ()) if key.startswith("/") and key.count("/") > 1]
    patterns = [key[1 : key.rindex("/")] for key in slashed]
    return [
        _("“{pattern}” is a regular expression that is not understood here and will not match.").format(pattern=pattern)
        for pattern in patterns
        if not is_usable(pattern)
    ]
