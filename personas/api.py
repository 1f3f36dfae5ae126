"""The endpoints of personas, for the broadcaster: read, draft, check and publish, go back, change who is on stage."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from channels_app.actions import Refused
from channels_app.api.base import ChannelAPI, Conflict, NewestFirst, cleaned
from channels_app.api.schema import described
from channels_app.api.scopes import Scope
from personas import actions, publishing
from personas import api_shapes as shapes
from personas.actions import Overtaken
from personas.models import Persona, PersonaVersion
from personas.publishing import Standing

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the draft you read."
)
READ_OR_WRITE = {
    "GET": Scope.PERSONAS_READ,
    "POST": Scope.PERSONAS_WRITE,
    "PATCH": Scope.PERSONAS_WRITE,
    "DELETE": Scope.PERSONAS_WRITE,
}


class Overwritten(exceptions.APIException):
    """Somebody has saved since the caller read."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "changed_meanwhile"


class UnreadError(exceptions.APIException):
    """The caller does not say what it read."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "if_match_needed"


class PersonasAPI(ChannelAPI):
    """The one on stage first."""

    scope = READ_OR_WRITE

    @described("Personas", "personas", gives=shapes.PersonaList)
    def get(self, request: Request, public_id: str) -> Response:
        rows = Persona.objects.filter(channel=self.channel).select_related("published")
        found = rows.order_by("-is_active", "created_at", "pk")
        return Response({"results": [shapes.persona_shape(row) for row in found]})

    @described("Copy the persona on stage", "personas", gives=shapes.PersonaShape, status=201, fails=[409])
    def post(self, request: Request, public_id: str) -> Response:
        """The copy waits behind the stage, as the one on stage is now. Put it on stage to shape it."""
        try:
            copy = actions.copy_persona(self.channel, acting_user=self.person)
        except Refused as refused:
            raise Conflict(str(refused)) from None
        return Response(shapes.persona_shape(copy), status=status.HTTP_201_CREATED)


class OnePersonaAPI(ChannelAPI):
    """What is asked of one persona; 404 where it is no persona of this channel."""

    scope = READ_OR_WRITE

    def persona(self, persona_id: int) -> Persona:
        row = Persona.objects.filter(channel=self.channel, pk=persona_id).select_related("published").first()
        if row is None:
            raise Http404
        return row

    def version(self, persona_id: int, number: int) -> PersonaVersion:
        row = PersonaVersion.objects.filter(channel=self.channel, persona_id=persona_id, number=number).first()
        if row is None:
            raise Http404
        return row

    def draft(self, persona_id: int, number: int) -> PersonaVersion:
        """A version that may be changed. Raises Conflict where it may not."""
        self.on_stage(persona_id)
        row = self.version(persona_id, number)
        if row.published_at is not None:
            raise Conflict(_("This version was live and never changes. Make a draft instead."))
        return row

    def on_stage(self, persona_id: int) -> Persona:
        row = self.persona(persona_id)
        if not row.is_active:
            raise Conflict(_("She is not on stage. Put her there first."))
        return row

    def answer(self, version: PersonaVersion, code: int = 200, warnings: list[str] | None = None) -> Response:
        version = PersonaVersion.objects.select_related("persona").get(pk=version.pk)
        body = shapes.summary(version, version.persona.published_id) | {
            "standing": publishing.standing(version).value,
            "values": shapes.shown_values(version),
            "warnings": warnings or [],
        }
        return Response(body, status=code, headers={"ETag": shapes.etag(version)})

    def sent(self, request: Request, version: PersonaVersion) -> tuple[dict[str, Any], list[str]]:
        """The version's values the call changes, judged as the persona page judges them, and the rules' warnings."""
        told = shapes.PersonaValues(data=request.data, partial=True)
        told.is_valid(raise_exception=True)
        form = shapes.form_for(version, told.validated_data)
        cleaned(form)
        return shapes.wanted_values(form, told.validated_data), form.warnings


class PersonaAPI(OnePersonaAPI):
    """Her versions have addresses of their own."""

    @described("One persona", "personas", gives=shapes.PersonaShape)
    def get(self, request: Request, public_id: str, persona_id: int) -> Response:
        return Response(shapes.persona_shape(self.persona(persona_id)))


class ActivateAPI(OnePersonaAPI):
    """From her next reply on the channel has this persona. The one before waits behind the stage, drafts and all."""

    @described("Put a persona on stage", "personas", gives=shapes.PersonaShape, fails=[409])
    def post(self, request: Request, public_id: str, persona_id: int) -> Response:
        self.persona(persona_id)
        try:
            row = actions.put_on_stage(self.channel, acting_user=self.person, persona_id=persona_id)
        except Refused as refused:
            raise Conflict(str(refused)) from None
        return Response(shapes.persona_shape(row))


class VersionsAPI(OnePersonaAPI):
    """Drafts and all that was ever live."""

    @described("Versions, newest first", "personas", gives=shapes.VersionPage)
    def get(self, request: Request, public_id: str, persona_id: int) -> Response:
        persona = self.persona(persona_id)
        pages = NewestFirst()
        rows = PersonaVersion.objects.filter(channel=self.channel, persona=persona)
        page = pages.paginate_queryset(rows.defer("card", "lorebook", "description", "style"), request, view=self)
        return pages.get_paginated_response([shapes.summary(row, persona.published_id) for row in page or ()])

    @described(
        "Make a draft", "personas", takes=shapes.PersonaValues(partial=True), gives=shapes.VersionShape,
        status=201, fails=[409],
    )  # fmt: skip
    def post(self, request: Request, public_id: str, persona_id: int) -> Response:
        """What you do not send is as in the live version. Nothing is live before it is published."""
        persona = self.on_stage(persona_id)
        if persona.published is None:
            raise Conflict(_("She has no version yet. Open her page once."))
        values, warnings = self.sent(request, persona.published)
        try:
            draft = actions.keep_draft(self.channel, acting_user=self.person, values=values)
        except Refused as refused:
            raise Conflict(str(refused)) from None
        return self.answer(draft, status.HTTP_201_CREATED, warnings)


class VersionAPI(OnePersonaAPI):
    """Drafts may be changed and thrown away; what was live once stays as it was."""

    @described("One version", "personas", gives=shapes.VersionShape)
    def get(self, request: Request, public_id: str, persona_id: int, number: int) -> Response:
        return self.answer(self.version(persona_id, number))

    @described(
        "Change a draft", "personas", takes=shapes.PersonaValues(partial=True), gives=shapes.VersionShape,
        fails=[409, 412, 428], parameters=[IF_MATCH],
    )  # fmt: skip
    def patch(self, request: Request, public_id: str, persona_id: int, number: int) -> Response:
        """Send back the ETag you read as If-Match, so that nobody's words are lost."""
        draft = self.draft(persona_id, number)
        self._refuse_unread(request, draft)
        values, warnings = self.sent(request, draft)
        read = actions.values_in(draft)
        try:
            kept = actions.keep_draft(self.channel, acting_user=self.person, values=values, number=number, read=read)
        except Overtaken:
            raise Overwritten(_changed()) from None
        except Refused as refused:
            raise Conflict(str(refused)) from None
        return self.answer(kept, warnings=warnings)

    @described("Throw a draft away", "personas", gives=None, status=204, fails=[409])
    def delete(self, request: Request, public_id: str, persona_id: int, number: int) -> Response:
        self.draft(persona_id, number)
        actions.discard_version(self.channel, acting_user=self.person, number=number)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @staticmethod
    def _refuse_unread(request: Request, draft: PersonaVersion) -> None:
        read = request.headers.get("If-Match", "")
        if not read:
            raise UnreadError(_("Send If-Match with the ETag of the draft you read."))
        if read != "*" and shapes.etag(draft) not in [each.strip().removeprefix("W/") for each in read.split(",")]:
            raise Overwritten(_changed())


class PublishAPI(OnePersonaAPI):
    """New texts are checked first: 202, and the version goes live by itself when it passes. 409 tells what is wrong."""

    @described(
        "Publish a draft", "personas", takes=shapes.Publish, gives=shapes.VersionShape, status=(200, 202), fails=[409]
    )  # fmt: skip
    def post(self, request: Request, public_id: str, persona_id: int, number: int) -> Response:
        told = shapes.Publish(data=request.data)
        told.is_valid(raise_exception=True)
        draft = self.draft(persona_id, number)
        try:
            if publishing.standing(draft) in (Standing.UNCHECKED, Standing.CHECKING):
                publishing.begin_check(draft, acting_user=self.person, publishes=True)
                draft.refresh_from_db()
                live = draft.published_at is not None
                return self.answer(draft, status.HTTP_200_OK if live else status.HTTP_202_ACCEPTED)
            aside = told.validated_data.get("set_aside", False)
            made = publishing.publish_checked(self.channel, acting_user=self.person, number=number, set_aside=aside)
        except Refused as refused:
            raise Conflict(str(refused)) from None
        return self.answer(made)


class RestoreAPI(OnePersonaAPI):
    """A new version equal to one that was live before goes live at once."""

    @described("Go back to a version", "personas", gives=shapes.VersionShape, fails=[409])
    def post(self, request: Request, public_id: str, persona_id: int, number: int) -> Response:
        self.on_stage(persona_id)
        self.version(persona_id, number)
        try:
            made = actions.roll_back(self.channel, acting_user=self.person, number=number)
        except Refused as refused:
            raise Conflict(str(refused)) from None
        return self.answer(made)


def _changed() -> str:
    return _("Somebody has changed this draft meanwhile. Read it again.")
