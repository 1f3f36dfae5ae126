"""Terms and privacy notice: made from our own texts at first use, and the operators' from then on."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import get_language

from channels_app.models import SitePage

TEXTS = Path(__file__).parent / "site_texts"
FALLBACK = "en"


def page(slug: str) -> SitePage | None:
    """The published page in the reader's language, in English where it is not published there. None: in neither."""
    make_missing()
    languages = [(get_language() or FALLBACK)[:2], FALLBACK]
    found = {each.language: each for each in SitePage.objects.filter(slug=slug, published=True)}
    return next((found[language] for language in languages if language in found), None)


def make_missing() -> None:
    """Every page there is a text for, and no row yet. What operators have written is left alone."""
    there = set(SitePage.objects.values_list("slug", "language"))
    for path in sorted(TEXTS.glob("*.md")):
        slug, _, language = path.stem.partition(".")
        if (slug, language) in there:
            continue
        title, _, body = path.read_text().partition("\n")
        SitePage.objects.get_or_create(
            slug=slug, language=language, defaults={"title": title.removeprefix("# ").strip(), "body": body.strip()}
        )
