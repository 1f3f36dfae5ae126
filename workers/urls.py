from django.urls import path

from workers import views, views_check

urlpatterns = [
    path("c/<str:public_id>/check/", views_check.check_setup, name="check_setup"),
    path("c/<str:public_id>/voices/", views.voices, name="voices"),
    path("c/<str:public_id>/voice-sample/", views.voice_sample, name="voice_sample"),
]
