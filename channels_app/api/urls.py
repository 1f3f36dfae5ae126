"""The endpoints of the channel. `personas` and `billing` have theirs beside their pages."""

from __future__ import annotations

from django.urls import path

from channels_app.api import reference, views
from channels_app.dashboard import api, replies

urlpatterns = [
    path("schema/", reference.schema, name="api_schema"),
    path("docs/", reference.docs, name="api_docs"),
    path("channels/", views.ChannelsAPI.as_view(), name="api_channels"),
    path("c/<str:public_id>/", views.OneChannelAPI.as_view(), name="api_channel"),
    path("c/<str:public_id>/state/", api.StateAPI.as_view(), name="api_state"),
    path("c/<str:public_id>/queue/", views.QueueAPI.as_view(), name="api_queue"),
    path("c/<str:public_id>/queue/drop/", api.DropWaitingAPI.as_view(), name="api_drop_waiting"),
    path("c/<str:public_id>/queue/next/", api.AnswerNextAPI.as_view(), name="api_answer_next"),
    *[
        path(f"c/<str:public_id>/reply/{deed}/", view.as_view(), name=f"api_{deed}")
        for deed, view in replies.REPLY_APIS.items()
    ],
    path("c/<str:public_id>/talk/", api.TalkAPI.as_view(), name="api_talk"),
    path("c/<str:public_id>/say/", views.SayAPI.as_view(), name="api_say"),
    path("c/<str:public_id>/tips/", views.TipsAPI.as_view(), name="api_tips"),
    path("c/<str:public_id>/turns/", api.TurnsAPI.as_view(), name="api_turns"),
    path("c/<str:public_id>/turns/<uuid:turn_id>/", views.TurnAPI.as_view(), name="api_turn"),
    path("c/<str:public_id>/overlay-url/", api.OverlayURLAPI.as_view(), name="api_overlay_url"),
    path("c/<str:public_id>/mouth-offset/", api.MouthOffsetAPI.as_view(), name="api_mouth_offset"),
    *[
        path(f"c/<str:public_id>/{name}/", view.as_view(), name=f"api_{name.replace('-', '_')}")
        for name, view in api.COMMAND_APIS.items()
    ],
]
