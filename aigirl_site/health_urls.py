from django.urls import path

from aigirl_site import health
from aigirl_site.metrics import metrics

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("health/metrics", metrics, name="health_metrics"),
]
