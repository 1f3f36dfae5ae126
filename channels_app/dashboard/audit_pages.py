"""The audit log: who did what in the channel, to read, to search, and to take along as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from channels_app import audit
from channels_app.dashboard.access import power_page
from channels_app.dashboard.pages import base_context
from channels_app.models import AuditEvent, Channel
from channels_app.powers import Power
from channels_app.retention import AUDIT_LIFE

PAGE = 50
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a table program begins a formula."""


class AuditFilter(forms.Form):
    """What to see of the log."""

    who = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    about = forms.ChoiceField(label=gettext_lazy("What about"), required=False)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who, about = self.fields["who"], self.fields["about"]
        assert isinstance(who, forms.ChoiceField)
        assert isinstance(about, forms.ChoiceField)
        who.choices = [("", _("everybody")), *audit.people(channel), ("service", _("the service"))]
        about.choices = [("", _("everything")), *audit.groups()]


@require_safe
@power_page(Power.AUDIT)
def log(request: HttpRequest, channel: Channel) -> HttpResponse:
    form = AuditFilter(request.GET or None, channel=channel)
    page = Paginator(_found(form, channel), PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = base_context(request, channel) | {
        "page": "audit",
        "form": form,
        "rows": audit.entries(page),
        "pages": page,
        "query": kept.urlencode(),
        "kept_days": AUDIT_LIFE.days,
        "is_filtered": any(kept.values()),
    }
    return render(request, "channels_app/audit.html", context)


@require_safe
@power_page(Power.AUDIT)
def table(request: HttpRequest, channel: Channel) -> StreamingHttpResponse:
    """What the filter finds, as CSV, all of it."""
    found = _found(AuditFilter(request.GET or None, channel=channel), channel)
    response = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="log-{channel.public_id}.csv"'
    return response


def _found(form: AuditFilter, channel: Channel) -> Any:
    chosen = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return audit.find(channel, **chosen)


def _lines(events: Any) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow([_("Time (UTC)"), _("Who"), _("What"), _("Action")])
    batch: list[AuditEvent] = []
    for event in events.iterator(chunk_size=500):
        batch.append(event)
        if len(batch) == 500:
            yield from _rows(writer, batch)
            batch = []
    yield from _rows(writer, batch)


def _rows(writer: Any, batch: list[AuditEvent]) -> Iterator[str]:
    for entry in audit.entries(batch):
        cells = [f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.who, entry.sentence, entry.action]
        yield writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])


class _Echo:
    """What the writer writes comes back from `writerow`."""

    def write(self, line: str) -> str:
        return line
