"""Terms and privacy notice: editable, safe to show, and agreed to before anything else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from channels_app import site_pages, terms
from channels_app.models import Channel, Consent, SitePage, User
from channels_app.site_text import as_html
from tests.reading import left_in_english

pytestmark = pytest.mark.usefixtures("built_front_end")


@pytest.fixture
def newcomer(db: None) -> User:
    """Somebody who has just signed in with Twitch for the first time."""
    return User.objects.create_user("newcomer", twitch_id="777")


def test_who_signs_in_first_reads_what_is_stored_and_agrees(client: Client, channel: Channel, newcomer: User) -> None:
    channel.memberships.create(user=newcomer, role="moderator")
    client.force_login(newcomer)
    page = f"/c/{channel.public_id}/"
    assert client.get(page)["Location"].startswith("/agree/?next=")
    assert client.get("/home/")["Location"] == "/agree/"
    asked = client.get(f"/agree/?next={page}").content.decode()
    assert "/site/privacy/" in asked
    version = terms.current_version()
    # Without the tick, and with what somebody else read, nothing is agreed to.
    client.post("/agree/", {"version": version})
    client.post("/agree/", {"version": "terms:0", "agree": "yes"})
    assert not Consent.objects.filter(user=newcomer).exists()
    answer = client.post("/agree/", {"version": version, "agree": "yes", "next": page})
    assert answer["Location"] == page
    consent = Consent.objects.get(user=newcomer)
    assert (consent.version, consent.language) == (version, "en")
    assert abs((timezone.now() - consent.at).total_seconds()) < 60
    assert client.get(page).status_code == 200


def test_a_new_version_asks_again_and_mended_spelling_does_not(client: Client, channel: Channel) -> None:
    site_pages.make_missing()
    client.force_login(channel.broadcaster)
    page = f"/c/{channel.public_id}/"
    SitePage.objects.filter(slug="terms").update(body="Mended.")
    assert client.get(page).status_code == 200
    SitePage.objects.filter(slug="terms", language="en").update(version=2)
    assert client.get(page)["Location"].startswith("/agree/")
    assert "terms have changed" in client.get("/agree/").content.decode()
    client.post("/agree/", {"version": terms.current_version(), "agree": "yes"})
    assert client.get(page).status_code == 200
    assert Consent.objects.filter(user=channel.broadcaster).count() == 2


def test_who_does_not_agree_may_take_the_data_along_and_go(client: Client, channel: Channel) -> None:
    Consent.objects.all().delete()
    client.force_login(channel.broadcaster)
    privacy = f"/c/{channel.public_id}/privacy/"
    assert privacy in client.get("/agree/").content.decode()
    assert client.get(privacy).status_code == 200
    assert client.post(f"{privacy}exports/ask/")["Location"] == privacy
    assert client.post(f"{privacy}delete/", {"login": channel.login})["Location"].endswith("/closing/")


def test_nobody_is_led_elsewhere_by_the_page(client: Client, newcomer: User) -> None:
    client.force_login(newcomer)
    chosen = {"version": terms.current_version(), "agree": "yes", "next": "https://evil.example/"}
    assert client.post("/agree/", chosen)["Location"] == "/home/"


def test_the_texts_are_ours_at_first_and_the_operators_from_then_on(client: Client, db: None) -> None:
    english = client.get("/site/terms/").content.decode()
    assert "<h2>What you get</h2>" in english or "<h3>What you get</h3>" in english
    russian = Client(headers={"accept-language": "ru"}).get("/site/privacy/").content.decode()
    assert left_in_english(russian, "IP") == []
    SitePage.objects.filter(slug="terms", language="en").update(title="House rules", body="Be **kind**.")
    assert "Be <strong>kind</strong>." in client.get("/site/terms/").content.decode()
    SitePage.objects.filter(slug="terms", language="ru").update(published=False)
    assert "House rules" in Client(headers={"accept-language": "ru"}).get("/site/terms/").content.decode()
    SitePage.objects.filter(slug="terms").update(published=False)
    assert client.get("/site/terms/").status_code == 404
    assert client.get("/site/nothing/").status_code == 404


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/site/terms/", "/nowhere/"])
def test_every_page_leads_to_both(client: Client, db: None, path: str) -> None:
    page = client.get(path).content.decode()
    assert 'href="/site/terms/"' in page
    assert 'href="/site/privacy/"' in page


def test_operators_edit_them_in_the_admin(client: Client, db: None) -> None:
    client.force_login(User.objects.create_superuser("operator", password="x"))
    assert "terms of use" in client.get("/admin/channels_app/sitepage/").content.decode().lower()
    row = SitePage.objects.get(slug="terms", language="en")
    values = {"slug": "terms", "language": "en", "title": "House rules", "body": "Be kind.", "version": 2}
    client.post(f"/admin/channels_app/sitepage/{row.pk}/change/", values | {"published": "on"})
    row.refresh_from_db()
    assert (row.title, row.version) == ("House rules", 2)


# The little Markdown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# A\nwords\nmore", "<h2>A</h2>\n<p>words more</p>"),
        ("- a\n- b\n  goes on", "<ul><li>a</li><li>b goes on</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("words\n- a", "<p>words</p>\n<ul><li>a</li></ul>"),
        ("[us](https://a.example/?b=1&c=2)", '<p><a href="https://a.example/?b=1&amp;c=2" rel="noopener">us</a></p>'),
        ("[us](javascript:alert(1))", "<p>[us](javascript:alert(1))</p>"),
        ("[us](//evil.example)", "<p>[us](//evil.example)</p>"),
        ("[us](data:text/html,x)", "<p>[us](data:text/html,x)</p>"),
        ("<script>x</script> & **<b>**", "<p>&lt;script&gt;x&lt;/script&gt; &amp; <strong>&lt;b&gt;</strong></p>"),
        ("", ""),
    ],
)
def test_what_is_written_is_shown(text: str, html: str) -> None:
    assert as_html(text) == html


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


MARKDOWN = st.lists(
    st.sampled_from(["[", "](", ")", "**", "# ", "- ", "1. ", "\n", "\n\n", "<script>", '"', "'", "javascript:", "/",
                     "https://", "mailto:", "\\", "&", "x", " ", "onload=", "//"]) | st.text(max_size=3),
    max_size=30,
).map("".join)  # fmt: skip


@given(MARKDOWN)
def test_whatever_is_written_nothing_in_it_can_act(text: str) -> None:
    found = Tags()
    found.feed(as_html(text))
    assert {tag for tag, _attrs in found.tags} <= {"h2", "h3", "h4", "p", "ul", "ol", "li", "strong", "a"}
    for tag, attrs in found.tags:
        assert attrs.keys() == ({"href", "rel"} if tag == "a" else set())
        assert re.match(r"https?://|mailto:|/(?![/\\])", attrs.get("href") or "/") is not None
