"""Terms and privacy notice for everybody, and the page where people agree to them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from channels_app import queries, site_pages, terms
from channels_app.models import Consent, SitePage, User
from channels_app.site_text import as_html


@require_safe
def site_page(request: HttpRequest, slug: str) -> HttpResponse:
    text = site_pages.page(slug) if slug in SitePage.Slug.values else None
    if text is None:
        raise Http404
    return render(request, "channels_app/site_page.html", {"text": text, "html": as_html(text.body)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest) -> HttpResponseBase:
    """At the first sign-in, and again when a text has a new version. `next` is a path of ours only."""
    person = request.user
    if not isinstance(person, User):
        return redirect_to_login(request.get_full_path())
    asked = request.POST if request.method == "POST" else request.GET
    target = _own_path(request, asked.get("next", ""))
    if request.method == "POST" and request.POST.get("agree"):
        read = request.POST.get("version", "")
        if terms.agree(person, version=read, language=get_language() or settings.LANGUAGE_CODE):
            return redirect(target or "home")
        messages.error(request, _("The texts have just changed. Please read them once more."))
    elif not terms.are_due(person):
        return redirect(target or "home")
    context = {
        "next": target,
        "version": terms.current_version(),
        "own": queries.channels_of(person).filter(broadcaster=person).first(),
        "again": Consent.objects.filter(user=person).exists(),
    }
    return render(request, "channels_app/agree.html", context)


def _own_path(request: HttpRequest, target: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if is_ours else ""
