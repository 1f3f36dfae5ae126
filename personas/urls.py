"""The pages of a channel's persona."""

from __future__ import annotations

from django.urls import path

from personas import views

urlpatterns = [
    path("c/<str:public_id>/persona/", views.persona, name="persona"),
]
