"""The operators' view of channels and people. Tokens and keys never appear; what happened cannot be edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from channels_app import actions, site_pages
from channels_app.models import (
    AuditEvent,
    Channel,
    Consent,
    EventSubSubscription,
    KeptRecord,
    Membership,
    OverlayKey,
    OverlayPresence,
    PaidEvent,
    ProviderAccess,
    SafetyCase,
    SitePage,
    Turn,
    TwitchCredential,
    User,
)
from channels_app.twitch import consent

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    Inline = admin.TabularInline[Membership, Channel]

    class PeopleAdmin(UserAdmin[User]):
        """As the type checker knows it."""
else:
    from unfold.admin import ModelAdmin
    from unfold.admin import TabularInline as Inline
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

    class PeopleAdmin(UserAdmin, ModelAdmin):
        """Django's, in the operators' clothes."""

        form, add_form, change_password_form = UserChangeForm, UserCreationForm, AdminPasswordChangeForm


class ReadOnlyAdmin(ModelAdmin):
    """Rows that the house writes and people only read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TakesAllAlong:
    """Deleting a tenant or a person takes with it what operators otherwise only read."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        parent: Any = super()
        shown, counts, _permissions, protected = parent.get_deleted_objects(objs, request)
        return shown, counts, set(), protected


class MembershipInline(Inline):
    model = Membership
    extra = 0
    raw_id_fields = ("user",)


@admin.register(User)
class PersonAdmin(TakesAllAlong, PeopleAdmin):
    list_display = ("username", "display_name", "twitch_id", "is_staff", "date_joined")
    search_fields = ("username", "display_name", "twitch_id", "email")
    fieldsets = (*(UserAdmin.fieldsets or ()), (_("Twitch"), {"fields": ("twitch_id", "display_name", "avatar_url")}))

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: User) -> None:
        consent.give_back(obj)
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            consent.give_back(person)
        super().delete_queryset(request, queryset)


@admin.register(Channel)
class ChannelAdmin(TakesAllAlong, ModelAdmin):
    list_display = (
        "display_name",
        "login",
        "desired_state",
        "stream_online",
        "suspended_at",
        "panic_since",
        "created_at",
    )
    list_filter = ("desired_state", "stream_online", "is_demo", ("suspended_at", admin.EmptyFieldListFilter))
    search_fields = ("login", "display_name", "public_id", "twitch_id", "broadcaster__username")
    readonly_fields = (
        "public_id", "twitch_id", "desired_state", "suspended_at", "suspended_reason", "panic_since",
        "reauthorise_since", "stream_online", "stream_checked_at", "audio_owner", "audio_owner_until", "look",
        "created_at",
    )  # fmt: skip
    raw_id_fields = ("broadcaster",)
    inlines = (MembershipInline,)
    change_form_outer_before_template = "channels_app/tenant.html"
    actions = ("suspend", "let_back", "revoke_overlay_keys")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """With the way to everything else that belongs to the channel."""
        rooms = rooms_of(self.admin_site, request, object_id) if object_id.isdecimal() else []
        return super().change_view(request, object_id, form_url, (extra_context or {}) | {"rooms": rooms})

    @admin.action(description=_("Suspend the channel"), permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        for channel in queryset:
            actions.suspend(channel, acting_user=_operator(request), reason="suspended by an operator")
        messages.success(request, _("The channels are off the air."))

    @admin.action(description=_("Let the channel back"), permissions=["change"])
    def let_back(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        for channel in queryset:
            actions.unsuspend(channel, acting_user=_operator(request))
        messages.success(request, _("The broadcasters may start again."))

    @admin.action(description=_("Revoke all overlay URLs"), permissions=["change"])
    def revoke_overlay_keys(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        count = sum(actions.revoke_overlay_keys(channel, acting_user=_operator(request)) for channel in queryset)
        messages.success(request, _("%(count)s overlay URLs closed.") % {"count": count})


def rooms_of(site: admin.AdminSite, request: HttpRequest, channel_pk: str) -> list[dict[str, Any]]:
    """The lists of all that hangs on a channel straight away, each with its number of rows, as far as one may look."""
    found = []
    for model, owner in site._registry.items():
        fields = [f for f in model._meta.get_fields() if isinstance(f, models.ForeignKey)]
        if not any(f.name == "channel" and f.related_model is Channel for f in fields):
            continue
        if not owner.has_view_permission(request):
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        found.append({
            "label": model._meta.verbose_name_plural,
            "count": model._default_manager.filter(channel_id=channel_pk).count(),
            "url": f"{reverse(name)}?channel__id__exact={channel_pk}",
        })  # fmt: skip
    return sorted(found, key=lambda room: str(room["label"]))


def _operator(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


@admin.register(OverlayKey)
class OverlayKeyAdmin(ReadOnlyAdmin):
    list_display = ("channel", "hint", "created_at", "expires_at", "revoked_at", "last_seen_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("channel__login", "hint")
    exclude = ("digest",)
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Nobody edits a key; who may change one may revoke it."""
        return request.user.has_perm("channels_app.change_overlaykey")

    @admin.action(description=_("Revoke these overlay URLs"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[OverlayKey]) -> None:
        for key in queryset.select_related("channel"):
            actions.revoke_overlay_keys(key.channel, acting_user=_operator(request), keys=[key.pk])


@admin.register(TwitchCredential)
class CredentialAdmin(ReadOnlyAdmin):
    list_display = ("user", "state", "expires_at", "validated_at", "problem")
    list_filter = ("state",)
    search_fields = ("user__username",)
    exclude = ("access_token", "refresh_token")


@admin.register(ProviderAccess)
class ProviderAdmin(ReadOnlyAdmin):
    list_display = ("channel", "kind", "base_url", "model", "updated_at")
    list_filter = ("kind",)
    search_fields = ("channel__login", "base_url")
    exclude = ("api_key",)


@admin.register(Turn)
class TurnAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "channel",
        "chatter_name",
        "trigger",
        "outcome",
        "reason",
        "brain",
        "voice",
        "cost_micros",
    )
    list_filter = ("outcome", "trigger", "brain")
    search_fields = ("channel__login", "chatter_name", "asked", "said", "id")
    date_hierarchy = "created_at"


@admin.register(SafetyCase)
class SafetyCaseAdmin(ReadOnlyAdmin):
    list_display = ("reported_at", "channel", "rule", "evidence", "profile", "reported_by")
    list_filter = ("rule", "profile")
    search_fields = ("channel__login", "rule", "line")
    raw_id_fields = ("turn",)
    date_hierarchy = "reported_at"


@admin.register(PaidEvent)
class PaidEventAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "channel", "kind", "state", "reason", "done_at")
    list_filter = ("state", "kind")
    search_fields = ("channel__login", "event_id")


@admin.register(AuditEvent)
class AuditAdmin(ReadOnlyAdmin):
    list_display = ("at", "channel", "actor", "action", "detail")
    list_filter = ("action",)
    search_fields = ("channel__login", "actor__username")
    date_hierarchy = "at"


@admin.register(OverlayPresence)
class PresenceAdmin(ReadOnlyAdmin):
    list_display = ("channel", "is_preview", "audible", "obs_version", "fps", "gaps", "dropped", "seen_at")
    search_fields = ("channel__login",)
    exclude = ("connection",)


@admin.register(EventSubSubscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("channel", "type", "state", "problem", "updated_at")
    list_filter = ("state", "type")
    search_fields = ("channel__login",)


@admin.register(SitePage)
class SitePageAdmin(ModelAdmin):
    """Terms and privacy notice. Raising the version has everybody asked anew."""

    list_display = ("slug", "language", "title", "version", "published", "updated_at")
    list_filter = ("slug", "language")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        site_pages.make_missing()
        return super().get_queryset(request)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "version", "language")
    list_filter = ("version", "language")
    search_fields = ("user__username",)
    date_hierarchy = "at"


@admin.register(KeptRecord)
class KeptRecordAdmin(ReadOnlyAdmin):
    list_display = ("kept_at", "kind", "reason", "keep_until")
    list_filter = ("kind",)
    exclude = ("origin",)
