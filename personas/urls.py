"""The pages of a channel's persona."""

from __future__ import annotations

from django.urls import path

from personas import picture_views, starter_views, version_views, views

urlpatterns = [
    path("c/<str:public_id>/persona/", views.persona, name="persona"),
    path("c/<str:public_id>/persona/starters/", starter_views.choose, name="persona_starters"),
    path("c/<str:public_id>/persona/versions/", version_views.versions, name="persona_versions"),
    path("c/<str:public_id>/pictures/", picture_views.add, name="pictures"),
    path("c/<str:public_id>/pictures/delete/", picture_views.remove, name="picture_delete"),
    path("media/avatars/<str:name>", picture_views.picture, name="avatar_picture"),
]
