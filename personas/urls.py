"""The pages of a channel's persona."""

from __future__ import annotations

from django.urls import path

from personas import api, picture_views, starter_views, version_views, views

OF_ONE = "api/v1/c/<str:public_id>/personas/<int:persona_id>"
OF_A_VERSION = f"{OF_ONE}/versions/<int:number>"

urlpatterns = [
    path("c/<str:public_id>/persona/", views.persona, name="persona"),
    path("c/<str:public_id>/persona/starters/", starter_views.choose, name="persona_starters"),
    path("c/<str:public_id>/persona/versions/", version_views.versions, name="persona_versions"),
    path("c/<str:public_id>/pictures/", picture_views.add, name="pictures"),
    path("c/<str:public_id>/pictures/delete/", picture_views.remove, name="picture_delete"),
    path("media/avatars/<str:name>", picture_views.picture, name="avatar_picture"),
    path("api/v1/c/<str:public_id>/personas/", api.PersonasAPI.as_view(), name="api_personas"),
    path(f"{OF_ONE}/", api.PersonaAPI.as_view(), name="api_persona"),
    path(f"{OF_ONE}/activate/", api.ActivateAPI.as_view(), name="api_persona_activate"),
    path(f"{OF_ONE}/versions/", api.VersionsAPI.as_view(), name="api_persona_versions"),
    path(f"{OF_A_VERSION}/", api.VersionAPI.as_view(), name="api_persona_version"),
    path(f"{OF_A_VERSION}/publish/", api.PublishAPI.as_view(), name="api_persona_publish"),
    path(f"{OF_A_VERSION}/restore/", api.RestoreAPI.as_view(), name="api_persona_restore"),
]
