from django.urls import path

from workers import (
    views,
    views_cards,
    views_check,
    views_expert,
    views_history,
    views_memory,
    views_rehearsal,
    views_report,
)

urlpatterns = [
    path("c/<str:public_id>/check/", views_check.check_setup, name="check_setup"),
    path("c/<str:public_id>/turns/<uuid:turn_id>/", views_history.turn_page, name="turn"),
    path("c/<str:public_id>/turns/<uuid:turn_id>/sound/", views_history.turn_sound, name="turn_sound"),
    path("c/<str:public_id>/voices/", views.voices, name="voices"),
    path("c/<str:public_id>/voice-sample/", views.voice_sample, name="voice_sample"),
    path("c/<str:public_id>/persona/card/", views_cards.card, name="persona_card"),
    path("c/<str:public_id>/persona/card/decide/", views_cards.decide, name="persona_card_decide"),
    path("c/<str:public_id>/persona/card/file/", views_cards.export, name="persona_card_export"),
    path("c/<str:public_id>/memory/", views_memory.memory_page, name="memory"),
    path("c/<str:public_id>/memory/add/", views_memory.add, name="memory_add"),
    path("c/<str:public_id>/memory/switch/", views_memory.switch, name="memory_switch"),
    path("c/<str:public_id>/memory/file/", views_memory.export, name="memory_export"),
    path("c/<str:public_id>/memory/change/", views_memory.change, name="memory_change"),
    path("c/<str:public_id>/persona/expert/", views_expert.expert, name="persona_expert"),
    path("c/<str:public_id>/persona/lore/", views_expert.lore, name="persona_lore"),
    path("c/<str:public_id>/persona/sees/", views_rehearsal.sees, name="persona_sees"),
    path("c/<str:public_id>/persona/bench/", views_rehearsal.bench, name="persona_bench"),
    path("c/<str:public_id>/persona/report/", views_report.report, name="persona_report"),
]
