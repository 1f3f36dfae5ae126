"""What people agree to: which version of the texts is current, and who has agreed to it."""

from __future__ import annotations

from django.db.models import Max

from channels_app.models import Consent, SitePage, User


def current_version() -> str:
    """Of terms and privacy notice together; it changes when an operator raises the version of either."""
    raised = SitePage.objects.filter(published=True).values_list("slug").annotate(Max("version"))
    versions: dict[str, int] = dict(raised)
    return " ".join(f"{slug}:{versions.get(slug, 1)}" for slug in SitePage.Slug.values)


def are_due(user: User) -> bool:
    """Whether this person has to be asked. People without a Twitch account are this machine's own: the demo's
    broadcaster, and operators."""
    if not user.twitch_id:
        return False
    return not Consent.objects.filter(user=user, version=current_version()).exists()


def agree(user: User, *, version: str, language: str) -> bool:
    """The person agrees to what was read. False where the texts have changed since."""
    if version != current_version():
        return False
    Consent.objects.get_or_create(user=user, version=version, defaults={"language": language[:8]})
    return True
