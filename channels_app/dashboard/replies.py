"""The doors through which a written reply is approved, rejected or taken away: plain forms, and the same as an API."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import actions, replies
from channels_app.api import shapes
from channels_app.api.base import ChannelAPI, Conflict, cleaned, fields_of
from channels_app.api.schema import described
from channels_app.api.scopes import Scope
from channels_app.dashboard.access import power_page
from channels_app.models import Channel
from channels_app.powers import Power

MOST_SENTENCES = 10_000


class ReplyForm(forms.Form):
    """A reply by its turn."""

    turn = forms.UUIDField()


class KillForm(ReplyForm):
    """A reply, and the number of its first sentence that shall not be heard."""

    first = forms.IntegerField(min_value=0, max_value=MOST_SENTENCES)


DEEDS: dict[str, tuple[Callable[..., None], type[ReplyForm]]] = {
    "approve": (replies.approve, ReplyForm),
    "reject": (replies.reject, ReplyForm),
    "kill": (replies.kill, KillForm),
}


@require_POST
@power_page(Power.MODERATE)
def reply(request: HttpRequest, channel: Channel, deed: str) -> HttpResponse:
    """approve, reject or kill."""
    act, form_class = DEEDS[deed]
    form = form_class(request.POST)
    if form.is_valid():
        try:
            act(channel, acting_user=request.user, **form.cleaned_data)
        except actions.Refused as refused:
            messages.error(request, str(refused))
    return redirect("channel", public_id=channel.public_id)


class ReplyAPI(ChannelAPI):
    """What came of it is told over the dashboard's socket and by the queue. 409 when she is not live."""

    scope = Scope.MODERATE

    def do(self, request: Request, deed: str) -> Response:
        """{turn}, for kill {turn, first}: {turn}."""
        act, form_class = DEEDS[deed]
        values = cleaned(form_class(fields_of(request)))
        try:
            act(self.channel, acting_user=self.person, **values)
        except actions.Refused as refused:
            raise Conflict(str(refused)) from None
        return Response({"turn": values["turn"]}, status=status.HTTP_202_ACCEPTED)


def reply_api(deed: str, summary: str, takes: type[shapes.TurnId]) -> type[ReplyAPI]:
    """The endpoint of one deed."""

    class OneReplyAPI(ReplyAPI):
        __doc__ = ReplyAPI.__doc__

        @described(summary, "queue", takes=takes, gives=shapes.TurnId, status=202, fails=[409])
        def post(self, request: Request, public_id: str) -> Response:
            return self.do(request, deed)

    return OneReplyAPI


REPLY_APIS = {
    "approve": reply_api("approve", "Let a written reply be heard", shapes.TurnId),
    "reject": reply_api("reject", "Keep a written reply from being heard", shapes.TurnId),
    "kill": reply_api("kill", "Take away what is not heard yet of a reply", shapes.TurnFrom),
}
"""Name in the address -> endpoint."""
