"""Nothing people read is left in English alone: every message of the source stands in Russian, fit to be filled in.

A failing test here is mended by `python -m aigirl_site.translations update` and by writing the Russian it leaves empty.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import polib
import pytest

from aigirl_site.translations import catalogue, sources
from aigirl_site.translations.sources import Message, UnreadableMessageError, in_python, in_template
from tests.guards.tracked import name, product, tracked

MEND = "Run `python -m aigirl_site.translations update` and write what it leaves empty."
UNCHANGED = {"Python", "Python {version}.", "Redis", "Twitch", "$%(cost)s", "${amount}", "−%(saving)s %%", "Esc"}
"""Messages that are alike in both languages, or have no words."""
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?\w+>")
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
NAMES = re.compile(r"AI Girl|UTC|lumen|kaz_|Dora")
"""What templates may say in every language."""


def entries(path: Path) -> dict[Message, polib.POEntry]:
    return {catalogue.message_of(entry): entry for entry in polib.pofile(str(path))}


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.fixture(scope="module")
def russian() -> dict[Message, polib.POEntry]:
    return entries(catalogue.LOCALES / "ru" / "LC_MESSAGES" / "django.po")


def test_the_catalogue_holds_the_messages_of_the_source_and_no_other(russian: dict[Message, polib.POEntry]) -> None:
    wanted = set(sources.messages())
    assert wanted - set(russian) == set(), MEND
    assert set(russian) - wanted == set(), MEND


def test_everything_is_translated_and_looked_at(russian: dict[Message, polib.POEntry]) -> None:
    empty = [message.text for message, entry in russian.items() if not all(translations(entry))]
    assert empty == [], MEND
    assert [message.text for message, entry in russian.items() if entry.fuzzy] == []


def test_translations_are_russian(russian: dict[Message, polib.POEntry]) -> None:
    foreign = {
        message.text
        for message, entry in russian.items()
        if not all(CYRILLIC.search(text) for text in translations(entry))
    }
    assert foreign == UNCHANGED


def test_placeholders_and_tags_stand_in_the_translation_too(russian: dict[Message, polib.POEntry]) -> None:
    torn = [
        message.text
        for message, entry in russian.items()
        for text in translations(entry)
        if Counter(PLACEHOLDER.findall(text)) != Counter(PLACEHOLDER.findall(message.text))
    ]
    assert torn == []


def test_every_plural_has_all_its_forms(russian: dict[Message, polib.POEntry]) -> None:
    assert [
        message.text for message, entry in russian.items() if message.plural and len(entry.msgstr_plural) != 3
    ] == []


def test_sentences_end_alike(russian: dict[Message, polib.POEntry]) -> None:
    differing = [
        message.text
        for message, entry in russian.items()
        if message.text.endswith((".", "?", "…")) != translations(entry)[0].endswith((".", "?", "…"))
    ]
    assert differing == []


def test_messages_are_found_in_python() -> None:
    source = '_("a" "b")\nngettext("one", "many", 3)\npgettext("where", "word")\n_(known_elsewhere)\nother("c")'
    assert set(in_python(source)) == {Message("ab"), Message("one", plural="many"), Message("word", "where")}


@pytest.mark.parametrize("source", ['_(f"{name} speaks")', '_("a" + name)'])
def test_a_message_put_together_at_run_time_is_refused(source: str) -> None:
    with pytest.raises(UnreadableMessageError):
        list(in_python(source))


def test_messages_are_found_in_templates() -> None:
    source = (
        "{% translate 'it\\'s \"a\"' %}{% translate \"b\" context 'where' %}{{ x|default:_('c') }}"
        "{% blocktranslate trimmed with n=x %}\n  100% {{ n }}\n{% endblocktranslate %}"
        "{% blocktranslate count n=x %}one{% plural %}many{% endblocktranslate %}"
    ).replace("it\\'s ", "it ")
    assert set(in_template(source)) == {
        Message('it "a"'), Message("b", "where"), Message("c"), Message("100%% %(n)s"), Message("one", plural="many"),
    }  # fmt: skip


# Templates


def bare_words(template: str) -> list[str]:
    """What a reader would see that went through no translation: text between tags, and attributes that are read out."""
    source = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", template, flags=re.DOTALL)
    source = re.sub(r"\{% (blocktrans\w*).*?\{% end\1 %\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{% block body_class %\}.*?\{% endblock %\}", "", source)
    source = re.sub(r"\{[%{#].*?[#}%]\}", "", source, flags=re.DOTALL)
    read_out = re.findall(r'\s(?:title|aria-label|alt|placeholder)="([^"]*)"', source)
    shown = re.split(r"<[^>]*>", re.sub(r"<(code|svg|script|style)\b.*?</\1>", "", source, flags=re.DOTALL))
    return [text.strip() for text in [*shown, *read_out] if re.search(r"[^\W\d_]{2}", NAMES.sub("", text))]


def test_no_template_says_anything_untranslated() -> None:
    found = {name(path): bare_words(path.read_text()) for path in tracked(".html")}
    assert {file: words for file, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "template",
    ["<p>Hello</p>", "<p>{{ n }} fps</p>", '<a title="Go">{% translate "x" %}</a>', "{% if a %}Yes{% endif %}"],
)
def test_the_scan_of_templates_sees(template: str) -> None:
    assert bare_words(template)


# Scripts


def test_no_script_says_anything_of_its_own() -> None:
    """Scripts take their words from the page (data attributes, JSON), where the server has translated them."""
    speaking = re.compile(
        r"""(?:textContent|innerText|title|placeholder|label|Refusal)[ =(]+['"`][^'"`\n]*[^\W\d_]{2}"""
    )
    scripts = {name(path): path.read_text() for path in tracked(".ts") if not path.name.endswith(".test.ts")}
    assert [file for file, source in scripts.items() if speaking.search(re.sub(r"\$\{[^}]*\}", "", source))] == []


def test_python_files_were_scanned() -> None:
    assert len(product()) > 100
