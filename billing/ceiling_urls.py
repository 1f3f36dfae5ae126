from django.urls import path

from billing import ceiling_pages

urlpatterns = [path("c/<str:public_id>/ceilings/", ceiling_pages.ceilings, name="ceilings")]
