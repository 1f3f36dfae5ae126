"""What is taken out of a reply before it is spoken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.pipeline.tags import TAG_LIMIT, TagStripper
from workers.pipeline.values import Mood


def strip(text: str, *names: str, step: int = 1) -> list[str | Mood]:
    """Words and moods in their order; `step` characters a delta."""
    stripper = TagStripper(*names)
    pieces = [piece for start in range(0, len(text), step) for piece in stripper.feed(text[start : start + step])]
    pieces += stripper.finish()
    joined: list[str | Mood] = []
    for piece in pieces:
        if isinstance(piece, str) and not isinstance(piece, Mood) and joined and not isinstance(joined[-1], Mood):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def spoken(text: str, *names: str) -> str:
    return " ".join("".join(p for p in strip(text, *names) if not isinstance(p, Mood)).split())


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[happy] Hi", [Mood.HAPPY, " Hi"]),
        ("[ Happy ]Hi", [Mood.HAPPY, "Hi"]),
        ("Hi [sad]you", ["Hi ", Mood.SAD, "you"]),
        ("[happy][angry]x", [Mood.HAPPY, Mood.ANGRY, "x"]),
    ],
)
def test_a_known_tag_becomes_a_mood_in_its_place(raw: str, expected: list[str | Mood]) -> None:
    assert strip(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[dances] Hi", "Hi"),
        ("Hi [laughs softly] you", "Hi you"),
        ("*waves* Hi", "Hi"),
        ("Hi *tilts her head and smiles* you", "Hi you"),
        ("Привет *улыбается* друг", "Привет друг"),
        ("Hi (laughs) you", "Hi you"),
        ("Ну (тихо смеётся) да", "Ну (тихо смеётся) да"),
        ("Ну (смеётся тихо) да", "Ну да"),
        ("<think>They want a joke. <b>Hm</b></think>Hi", "Hi"),
        ("<Thinking>no</Thinking> Hi", "Hi"),
        ("Hi</think> you", "Hi you"),
        ("Hi <br/>you", "Hi you"),
        ("```python\nprint(1)\n```Hi", "Hi"),
        ("Use `print` now", "Use print now"),
        ("That is **very** ***big***", "That is very big"),
        ("It is *so* good", "It is so good"),
        ("see [the docs](https://example.com/a_b) now", "see the docs now"),
        ("Great 😀👍🏽❤️ day 🇩🇪", "Great day"),
        ("Hi\u200bya", "Hiya"),
        ("Nice :) ok", "Nice ok"),
        ("I <3 you", "I you"),
        ("(◕‿◕) hello", "hello"),
        ("really~ nice", "really nice"),
        ("_so_ good, __very__ _", "so good, very"),
        ("thanks, Luna_2007!", "thanks, Luna_2007!"),
    ],
)
def test_what_is_not_speech_is_not_spoken(raw: str, expected: str) -> None:
    assert spoken(raw) == expected


@pytest.mark.parametrize(
    "plain",
    [
        "Hi (really) you",
        "2 < 3 and 20°",
        "f*ck that",
        "array of 3: one, two; three",
        "it's 5 o'clock",
        "Наушники № 5",
        "می‌خواهم",
    ],
)
def test_plain_text_stays_as_it_is(plain: str) -> None:
    assert spoken(plain) == plain


def test_an_unclosed_bracket_is_text_after_its_limit_and_at_the_end() -> None:
    long = "so it goes on for quite a while"
    assert len(long) > TAG_LIMIT
    assert spoken(f"[{long}") == long
    assert spoken("Well [hap") == "Well hap"
    assert spoken("Well (and then") == "Well and then"
    assert spoken("Well *and then we all went home") == "Well and then we all went home"


def test_an_unclosed_thought_is_never_spoken() -> None:
    assert spoken("Hi <think>secret plan") == "Hi"


@pytest.mark.parametrize("raw", ["Mika: Hi", "mika : Hi", "**Mika:** Hi", "[happy] Mika: Hi", "\nMika: Hi"])
def test_her_own_name_before_the_reply_is_dropped(raw: str) -> None:
    assert spoken(raw, "Mika") == "Hi"


@pytest.mark.parametrize("raw", ["Mika is me", "Mik", "Mikado: a game", "Note: hi", "I am Mika: hi"])
def test_her_name_inside_the_reply_is_kept(raw: str) -> None:
    assert spoken(raw, "Mika") == raw


MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "[happy]",
                "[",
                "]",
                "(",
                ")",
                "*",
                "**",
                "`",
                "```",
                "<",
                ">",
                "<think>",
                "</think>",
                "_",
                ":",
                ":)",
                "\n",
                "Mika:",
                "(laughs)",
                "*waves*",
                "😀",
                "[x](y)",
                " ",
            ]
        ),
        st.text(alphabet="abЯ3.,! ", max_size=6),
    ),
    max_size=25,
).map("".join)


@settings(max_examples=300)
@given(MARKUP)
def test_any_chunking_gives_the_same_pieces(text: str) -> None:
    whole = strip(text, "Mika", step=max(1, len(text)))
    for split in range(len(text) + 1):
        stripper = TagStripper("Mika")
        pieces = [*stripper.feed(text[:split]), *stripper.feed(text[split:]), *stripper.finish()]
        expected = [character for piece in whole for character in ([piece] if isinstance(piece, Mood) else piece)]
        assert pieces == expected


@settings(max_examples=200)
@given(st.text(alphabet="abcdefgh АБВгд 123 .,!?'\"-\n", max_size=80))
def test_text_without_markup_passes_unchanged(text: str) -> None:
    assert "".join(str(p) for p in strip(text)) == text
