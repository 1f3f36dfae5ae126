"""Who runs what: worker processes with their leases, and one row for each thing that exactly one of them may run."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.models import Channel


class WorkerProcess(models.Model):
    """One worker process. It lives while `expires_at` lies ahead; a new `epoch` ends all it held before."""

    class Kind(models.TextChoices):
        LIVE = "live", _("live runs")
        CONTROL = "control", _("control")

    name = models.CharField(max_length=120, primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.LIVE)
    epoch = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField()
    draining = models.BooleanField(default=False)
    capacity = models.PositiveIntegerField(default=0)
    """Runs it takes at most."""
    host = models.CharField(max_length=120, blank=True)
    pid = models.PositiveIntegerField(default=0)
    registered_at = models.DateTimeField(auto_now=True)
    """When it was entered first. Each registration since has raised `epoch` by one."""
    reached_at = models.DateTimeField(null=True, blank=True)
    """When it last reached Redis."""
    unreached_since = models.DateTimeField(null=True, blank=True)
    """Since when it does not; None while it does."""
    cut_off = models.BooleanField(default=False, db_default=False)
    """Others reach Redis and it does not: it has given up what runs it had, and gets none."""
    figures = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    """What it told of itself with its last heartbeat: see `workers.fleet.figures`. True only while it lives."""

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="worker_expires")]
        verbose_name_plural = "worker processes"

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """Something that must run exactly once: a live channel or the chat gateway. Kept when stopped, for its fence."""

    class Kind(models.TextChoices):
        CHANNEL = "channel", _("channel")
        GATEWAY = "gateway", _("chat gateway")

    name = models.CharField(max_length=80, unique=True)
    """`channel/<public id>` or `gateway/<number>`."""
    kind = models.CharField(max_length=10, choices=Kind.choices)
    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="run")
    """None for the gateway, which serves all channels."""
    owner = models.CharField(max_length=120, blank=True)
    """Name of the worker process that claimed it; it counts only together with `owner_epoch` and a living lease."""
    owner_epoch = models.BigIntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    """Rises by one with each claim and never falls: whoever carries a lower one is out of date."""
    dispatched_at = models.DateTimeField(null=True, blank=True)
    """When it was handed to a worker that has not claimed it yet; None when nothing is on its way."""
    not_before = models.DateTimeField(null=True, blank=True)
    """A run that ended too soon is tried again only after this moment."""
    failures = models.PositiveIntegerField(default=0)
    """How often in a row it ended too soon."""
    started_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    restarts = models.PositiveIntegerField(default=0, db_default=0)
    """Claims that nobody had wished for: the owner died with it, or it had ended by itself. Never falls."""
    waiting_since = models.DateTimeField(null=True, blank=True)
    """Since when it is wanted and no worker carries it out, as far as the tick knows; None while one does."""

    class Meta:
        indexes = [
            models.Index(fields=["owner", "owner_epoch"], name="run_owner"),
            models.Index(fields=["waiting_since"], condition=models.Q(waiting_since__isnull=False), name="run_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="channel", channel__isnull=False)
                | models.Q(kind="gateway", channel__isnull=True),
                name="run_channel_where_it_belongs",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Conduit(models.Model):
    """The conduit all subscriptions go through. One row: the leading gateway writes it, the others read it."""

    ONE = 1

    twitch_id = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.twitch_id


class RefusedField(models.Model):
    """A request field that a model at an endpoint refused: it is not sent there again, by no worker."""

    place = models.CharField(max_length=64)
    """The endpoint as a digest: its address may be a member's own and nobody else's business."""
    model = models.CharField(max_length=120)
    field = models.CharField(max_length=40)
    refused_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "model", "field"], name="refused_field_once")]

    def __str__(self) -> str:
        return f"{self.model} refuses {self.field}"
