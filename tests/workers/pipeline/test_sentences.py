"""A streamed reply becomes sentences: early at first, whole afterwards, and nothing is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.pipeline.sentences import LONGEST, SentenceReader
from workers.pipeline.values import Mood, Sentence


def read(text: str, step: int = 1) -> list[Sentence]:
    reader = SentenceReader("Mika")
    sentences = [
        sentence for start in range(0, len(text), step) for sentence in reader.feed(text[start : start + step])
    ]
    return sentences + reader.finish()


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in read(text)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("One day. Two days! Three? Four", ["One day.", "Two days!", "Three?", "Four"]),
        ("Hey there, my friend, come in. Sit, please.", ["Hey there,", "my friend, come in.", "Sit, please."]),
        ("Oh, hi! Fine, thanks, and you?", ["Oh, hi!", "Fine, thanks, and you?"]),
        (
            "Hello. Mr. Smith paid 3.14 or 1,000 e.g. today. Bye.",
            ["Hello.", "Mr. Smith paid 3.14 or 1,000 e.g. today.", "Bye."],
        ),
        ("Привет. Это т.е. так, и т. д. всё. Пока.", ["Привет.", "Это т.е. так, и т. д. всё.", "Пока."]),
        ("Да. А. С. Пушкин. Вот.", ["Да.", "А. С. Пушкин.", "Вот."]),
        ("So do I. And you", ["So do I.", "And you"]),
        ("Hm. Well... maybe so. Wait... No.", ["Hm.", "Well... maybe so.", "Wait...", "No."]),
        ('Really?! Yes!!! "Good." He left.', ["Really?", "Yes!!!", '"Good."', "He left."]),
        ("Привет!)) Как дела?)", ["Привет!", "Как дела?)"]),
        ('"Привет!" — сказала она.', ['"Привет!"', "сказала она."]),
        ("'Hello!' she said. 'You!' Done.", ["'Hello!'", "she said.", "'You!'", "Done."]),
        ("I can't! No.", ["I can't!", "No."]),
        ("»Hallo!« sagte er. Ja.", ["»Hallo!« sagte er.", "Ja."]),
        ("Thanks for the follow! :D See you", ["Thanks for the follow!", ":D See you"]),
        ("Спасибо!:) Пока", ["Спасибо!", "Пока"]),
        (
            "see https://a.com/watch?v=1 ok. And https://b.com/x?12 too",
            ["see https://a.com/watch?v=1 ok.", "And https://b.com/x?12 too"],
        ),
        ("See https://a.com/x! Yes", ["See https://a.com/x!", "Yes"]),
        ("今日は、とても良い天気ですね。行こう！", ["今日は、とても良い天気ですね。", "行こう！"]),
        ("今日はとても良い天気ね、ほんとうに。行こう！", ["今日はとても良い天気ね、", "ほんとうに。", "行こう！"]),
        ("नमस्ते।आप कैसे हैं", ["नमस्ते।", "आप कैसे हैं"]),
        ("See example.com for more. Ok.", ["See example.com for more.", "Ok."]),
        ("At 12:30 we go: ready? Go", ["At 12:30 we go:", "ready?", "Go"]),
        ("# Title\n- one\n* two\n1. three", ["Title", "one", "two", "1. three"]),
        ("— Привет! — сказала она.", ["Привет!", "сказала она."]),
        ("It is -5 outside. -5!", ["It is -5 outside.", "-5!"]),
        ("...\n!!!\n", []),
        ("Well-known fact - truly - yes. Ok", ["Well-known fact -", "truly - yes.", "Ok"]),
    ],
)
def test_pieces_end_where_a_speaker_would_pause(raw: str, expected: list[str]) -> None:
    assert texts(raw) == expected


@pytest.mark.parametrize(
    ("piece", "mark"), [("Oh well, hello", ","), ("You made it", "!"), ("Why", "?"), ("今日はとても良い天気ね", "、")]
)
def test_the_first_piece_is_known_with_its_mark(piece: str, mark: str) -> None:
    reader = SentenceReader()
    assert reader.feed(piece) == []
    assert [sentence.text for sentence in reader.feed(mark)] == [piece + mark]


def test_marks_behind_the_one_that_sent_the_first_piece_are_not_carried_to_the_next() -> None:
    reader = SentenceReader()
    assert [
        sentence.text for delta in ["No way", "!", "!!", " Tell", " me!", "! Now"] for sentence in reader.feed(delta)
    ] == [
        "No way!",
        "Tell me!!",
    ]


@pytest.mark.parametrize(
    "piece",
    ["Oh well, hello:", "Maybe about 1,", '"Oh well, hello,', "«Oh well, hello,", "So it is.", '"Oh!', "Top 5!"],
)
def test_a_piece_that_may_go_on_behind_its_mark_is_known_one_character_later(piece: str) -> None:
    reader = SentenceReader()
    assert reader.feed(piece) == []
    assert [sentence.text for sentence in reader.feed(" ")] == [piece]


def test_a_clause_of_a_few_characters_waits_for_the_next_mark() -> None:
    assert texts("Well, yes, it is so.") == ["Well, yes,", "it is so."]
    assert texts('"Oh my, so it is.') == ['"Oh my, so it is.']


def test_one_word_that_opens_a_sentence_is_a_first_piece() -> None:
    assert texts("Honestly, I would stay.") == ["Honestly,", "I would stay."]
    assert texts("Наверное, я останусь.") == ["Наверное,", "я останусь."]


def test_only_the_first_piece_ends_at_a_clause() -> None:
    assert texts("Hello my dear friend, hi. Nice weather today, is it not? Yes")[1:] == [
        "hi.",
        "Nice weather today, is it not?",
        "Yes",
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[happy] Hi. You.", [("Hi.", Mood.HAPPY), ("You.", None)]),
        ("Hi. [sad] Bye.", [("Hi.", None), ("Bye.", Mood.SAD)]),
        ("Hi.[sad] Bye.", [("Hi.", None), ("Bye.", Mood.SAD)]),
        ("One [smug] two. Three.", [("One two.", None), ("Three.", Mood.SMUG)]),
        ("[happy] [angry] Hi.", [("Hi.", Mood.ANGRY)]),
        ("Hi. [shy]", [("Hi.", None)]),
    ],
)
def test_a_mood_begins_with_the_next_sentence(raw: str, expected: list[tuple[str, Mood | None]]) -> None:
    assert [(sentence.text, sentence.mood) for sentence in read(raw)] == expected


def test_no_piece_is_longer_than_the_cap_and_it_breaks_between_words() -> None:
    words = "word " * 120
    pieces = texts(words)
    assert all(len(piece) <= LONGEST and set(piece.split()) == {"word"} for piece in pieces)
    assert " ".join(pieces).split() == words.split()
    assert [len(piece) for piece in texts("a" * 450)] == [200, 200, 50]


REPLIES = st.lists(
    st.sampled_from(
        [
            "Hello",
            "мир",
            "Mr.",
            "т.е.",
            "3.14",
            "...",
            "…",
            ". ",
            "! ",
            "? ",
            "!",
            "?",
            "'",
            "»",
            "[sad]",
            ", ",
            "; ",
            " — ",
            ": ",
            "。",
            "、",
            "\n",
            " ",
            "[happy]",
            "[",
            "]",
            "*so*",
            "*",
            "(laughs)",
            "(",
            ")",
            '"',
            "A.",
            "😀",
            "`",
            "-",
            "x" * 90,
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=200)
@given(REPLIES)
def test_any_chunking_gives_the_same_sentences(text: str) -> None:
    expected = read(text, step=max(1, len(text)))
    for split in range(len(text) + 1):
        reader = SentenceReader("Mika")
        assert [*reader.feed(text[:split]), *reader.feed(text[split:]), *reader.finish()] == expected


@settings(max_examples=300)
@given(st.text(alphabet="abcАБв1 .,!?;—:…\"'\n。、-", max_size=300))
def test_no_letter_or_digit_is_lost(text: str) -> None:
    def bare(value: str) -> str:
        return "".join(filter(str.isalnum, value))

    assert bare("".join(texts(text))) == bare(text)
