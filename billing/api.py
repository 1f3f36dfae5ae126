"""The endpoint that tells the broadcaster what was used."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import usage
from channels_app.api.base import ChannelAPI
from channels_app.api.schema import described
from channels_app.api.scopes import Scope

if TYPE_CHECKING:
    Shape = serializers.Serializer[Any]
else:
    Shape = serializers.Serializer

USUAL_DAYS = 30
MOST_DAYS = 366
EARLIEST = date(2020, 1, 1)


class UsageQuery(Shape):
    """Which days, both ends among them."""

    since = serializers.DateField(required=False, help_text=f"First day (UTC); {USUAL_DAYS} days back unless given.")
    until = serializers.DateField(required=False, help_text="Last day (UTC); today unless given.")


class UsageSum(Shape):
    """Money is in millionths of the currency."""

    currency = serializers.CharField(help_text="ISO 4217.")
    replies = serializers.IntegerField(help_text="Those that were heard, as the plan counts them.")
    prompt_tokens = serializers.IntegerField(help_text="Read by language models.")
    cached_tokens = serializers.IntegerField(help_text="Of them, those a provider had in its cache.")
    completion_tokens = serializers.IntegerField(help_text="Written by language models.")
    characters = serializers.IntegerField(help_text="Spoken.")
    provider_characters = serializers.IntegerField(help_text="Of them, those in a voice that the platform pays for.")
    speech_ms = serializers.IntegerField(help_text="Milliseconds of speech made.")
    live_seconds = serializers.IntegerField(help_text="On air with an overlay connected.")
    cost_micros = serializers.IntegerField(help_text="Millionths of the currency.")
    own_micros = serializers.IntegerField(help_text="Of them, what the channel pays to providers of its own.")


class UsageDay(UsageSum):
    date = serializers.DateField()


class Usage(Shape):
    """Days on which nothing was used are left out."""

    since = serializers.DateField()
    until = serializers.DateField()
    days = UsageDay(many=True)
    total = UsageSum(many=True, help_text="One row a currency.")


class UsageAPI(ChannelAPI):
    """From the ledger: replies, voice samples, memory and checks of personas."""

    scope = Scope.USAGE_READ

    @described("Usage by day", "usage", query=UsageQuery, gives=Usage)
    def get(self, request: Request, public_id: str) -> Response:
        asked = UsageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        until = asked.validated_data.get("until", timezone.now().date())
        until = min(max(until, EARLIEST), timezone.now().date() + timedelta(days=1))
        since = asked.validated_data.get("since", until - timedelta(days=USUAL_DAYS - 1))
        if since > until or (until - since).days >= MOST_DAYS:
            told = _("Ask for at most %(most)s days, the first before the last.") % {"most": MOST_DAYS}
            raise exceptions.ValidationError({"since": [told]})
        days = usage.by_day(self.channel, since, until)
        return Response({"since": since, "until": until, "days": days, "total": usage.totals(days)})
