"""Takes out of a streamed reply what must not be spoken: tags, stage directions, thoughts, markup, emoji.

Works character by character, so the same text gives the same result however it was cut into deltas.
It knows nothing of sentences, voices or safety.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

from workers.pipeline.values import Mood

TAG_LIMIT = 24
"""Characters held after `[` or `<` before they turn out to be plain text (facts: the longest mood has nine)."""
PARENTHESIS_LIMIT = 60
DIRECTION_LIMIT = 160
"""Characters held after `*`: actions are whole phrases."""
LINK_LIMIT = 400

_MOODS = {mood.value: mood for mood in Mood}
_THOUGHTS = frozenset({"think", "thinking", "thought", "reasoning", "analysis", "reflection"})
_KEPT_SYMBOLS = frozenset("°№©®™")
_DROPPED = frozenset("\u200b\ufeff\u2060\u00ad\ufe0e\ufe0f\u20e3~\r")
_JOINERS = frozenset("\u200c\u200d")
_DIRECTIONS = """
laugh giggl chuckl snicker sigh gasp smil grin smirk blush wink nod wave waving whisper cough yawn sniff sob cry cries
pout shrug clap cheer mumbl mutter groan squeal hum pause paus think tilt roll look bow danc stretch hug lean point
сме хохо хих улыб вздо взды ахает охает красне подмиг кива машет шёп шеп кашл зева всхли плач дует пожима хлоп бормо
стон пауз задум накло смотр гляд кланя танцу потяг обним фырк ухмыл
"""
_DIRECTION_STEMS = tuple(_DIRECTIONS.split())
_ENGLISH_VERB = ("s", "ing")
_RUSSIAN_VERB = ("ет", "ёт", "ит", "ут", "ют", "ат", "ят", "тся", "сь")

Piece = str | Mood


class TagStripper:
    """Feed deltas, get clean characters and moods in their order. `names` are those the reply may be prefixed with."""

    def __init__(self, *names: str) -> None:
        self._state: Callable[[str], Iterator[Piece]] = self._text
        self._held = ""
        self._last = ""
        self._prefix = _NamePrefix(names)

    def feed(self, delta: str) -> Iterator[Piece]:
        """Clean single characters and moods that became certain with this delta."""
        for character in delta:
            yield from self._named(self._state(character))

    def finish(self) -> Iterator[Piece]:
        """What was held back: an unclosed bracket is plain text, an unclosed thought or code fence is not."""
        yield from self._named(self._end())
        yield from self._prefix.finish()

    def _named(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            yield from self._prefix.feed(piece)

    def _end(self) -> Iterator[Piece]:
        state, held = self._state, self._held
        self._state, self._held = self._text, ""
        if state == self._bracket:
            yield from self._plain(held)
        elif state == self._parenthesis:
            yield from self._plain("" if _is_direction(held) else held)
        elif state == self._stars:
            yield from self._plain(held.lstrip("*"))
        elif state == self._bracket_closed:
            pass
        elif state == self._colon:
            yield from self._plain(held)
        elif state == self._underscore:
            yield from self._plain(" ")

    # Each state takes one character. Text that turns out to be plain goes through `_text` again where a mark may open
    # something, and through `_plain` where it may not.

    def _text(self, character: str) -> Iterator[Piece]:
        if character == "[":
            self._hold(self._bracket)
        elif character == "<":
            self._hold(self._angle)
        elif character == "(":
            self._hold(self._parenthesis)
        elif character == "*":
            self._hold(self._star)
        elif character == "`":
            self._hold(self._ticks, "`")
        elif character in ":;":
            self._hold(self._colon, character)
        elif character == "]":
            self._state = self._bracket_closed
        elif character == "_":
            self._state = self._underscore
        else:
            yield from self._plain(character)

    def _underscore(self, character: str) -> Iterator[Piece]:
        """After `_`. Inside a name it is kept; else it is emphasis, or a form to fill in."""
        inside = self._last.isalnum() and character.isalnum()
        yield from self._plain("_" if inside else " ")
        yield from self._again(character)

    def _hold(self, state: Callable[[str], Iterator[Piece]], held: str = "") -> None:
        self._state, self._held = state, held

    def _plain(self, text: str) -> Iterator[Piece]:
        for character in text:
            if not _is_pictorial(character, self._last):
                self._last = character
                yield character

    def _again(self, text: str) -> Iterator[Piece]:
        """Back to plain reading, with these characters still unread."""
        self._state, self._held = self._text, ""
        for character in text:
            yield from self._state(character)

    def _bracket(self, character: str) -> Iterator[Piece]:
        if character == "]":
            mood = _MOODS.get(self._held.strip().lower())
            if mood is not None:
                self._hold(self._text)
                yield mood
            else:
                self._state = self._bracket_closed
        elif character in "[\n" or len(self._held) >= TAG_LIMIT:
            held, self._held = self._held, ""
            yield from self._plain(held)
            yield from self._again(character)
        else:
            self._held += character

    def _bracket_closed(self, character: str) -> Iterator[Piece]:
        """After `]` of what is no mood: `(` makes it a link, whose words are kept; else it was an unknown tag."""
        held, self._held = self._held, ""
        if character == "(":
            yield from self._plain(held)
            self._hold(self._link)
        else:
            yield from self._again(character)

    def _link(self, character: str) -> Iterator[Piece]:
        self._held += character
        if character.isspace() or len(self._held) > LINK_LIMIT:
            yield from self._again(character)
        elif character == ")":
            self._hold(self._text)

    def _angle(self, character: str) -> Iterator[Piece]:
        if not self._held:
            if character == "3":
                self._hold(self._text)
            elif character.isalpha() or character in "/!|":
                self._held = character
            else:
                yield from self._plain("<")
                yield from self._again(character)
        elif character == ">":
            name = self._held.strip("|/! ").split(" ")[0].lower()
            opens_thought = name in _THOUGHTS and not self._held.startswith("/")
            self._hold(self._thought if opens_thought else self._text)
        elif character in "<\n" or len(self._held) >= TAG_LIMIT:
            held, self._held = self._held, ""
            yield from self._plain(held)
            yield from self._again(character)
        else:
            self._held += character

    def _thought(self, character: str) -> Iterator[Piece]:
        self._held = (self._held + character)[-TAG_LIMIT:]
        if character == ">":
            name = self._held.rpartition("</")[2].rstrip(">").strip().lower() if "</" in self._held else ""
            if name in _THOUGHTS:
                self._hold(self._text)
        yield from ()

    def _parenthesis(self, character: str) -> Iterator[Piece]:
        if not self._held and character.isspace():
            yield from self._again(character)
        elif character == ")":
            held, self._held = self._held, ""
            if any(map(str.isalnum, held)) and not _is_direction(held):
                yield from self._plain(f"({held})")
            self._state = self._text
        elif character in "(\n" or len(self._held) >= PARENTHESIS_LIMIT:
            held, self._held = self._held, ""
            yield from self._plain(held)
            yield from self._again(character)
        else:
            self._held += character

    def _star(self, character: str) -> Iterator[Piece]:
        """After one `*`. Inside a word it is kept (the safety gate must see a masked word); doubled it is bold."""
        inside_word = self._last.isalnum()
        if character == "*":
            self._hold(self._many_stars)
        elif inside_word and character.isalnum():
            yield from self._plain("*")
            yield from self._again(character)
        elif inside_word or character.isspace():
            yield from self._again(character)
        else:
            self._hold(self._stars)
            yield from self._stars(character)

    def _many_stars(self, character: str) -> Iterator[Piece]:
        if character != "*":
            yield from self._again(character)

    def _stars(self, character: str) -> Iterator[Piece]:
        if character == "*":
            held, self._held = self._held, ""
            self._state = self._text
            if _is_emphasis(held, self._last):
                yield from self._plain(held)
        elif character == "\n" or len(self._held) >= DIRECTION_LIMIT:
            held, self._held = self._held, ""
            yield from self._again(held.lstrip("*"))
            yield from self._state(character)
        else:
            self._held += character

    def _ticks(self, character: str) -> Iterator[Piece]:
        if character == "`":
            self._held += character
            if self._held == "```":
                self._hold(self._fence)
        else:
            yield from self._again(character)

    def _fence(self, character: str) -> Iterator[Piece]:
        self._held = (self._held + character)[-3:]
        if self._held == "```":
            self._hold(self._text)
        yield from ()

    def _colon(self, character: str) -> Iterator[Piece]:
        """After `:` or `;`: a bracket makes it a face, and faces are not spoken."""
        held, self._held = self._held, ""
        if character in ")(":
            self._state = self._face
        else:
            yield from self._plain(held)
            yield from self._again(character)

    def _face(self, character: str) -> Iterator[Piece]:
        if character not in ")(":
            yield from self._again(character)


class _NamePrefix:
    """Drops `Name:` at the start of a line, holding text only as long as it may still be such a prefix."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._prefixes = tuple(f"{name.strip().lower()}:" for name in names if name.strip())
        self._held = ""
        self._open = True

    def feed(self, piece: Piece) -> Iterator[Piece]:
        if isinstance(piece, Mood):
            yield piece
        elif self._open:
            yield from self._start(piece)
        else:
            self._open = piece == "\n"
            yield piece

    def _start(self, character: str) -> Iterator[Piece]:
        if not self._held and character.isspace():
            yield character
            return
        self._held += character
        so_far = self._held.lower().replace(" :", ":")
        if so_far in self._prefixes:
            self._held = ""
        elif not any(prefix.startswith(so_far.rstrip()) for prefix in self._prefixes):
            yield from self.finish()

    def finish(self) -> Iterator[Piece]:
        held, self._held, self._open = self._held, "", False
        for character in held:
            self._open = character == "\n"
            yield character


def _is_direction(text: str) -> bool:
    """Whether words in parentheses say what she does and not what she says."""
    words = text.strip().lower().split()
    return 0 < len(words) <= 5 and any(words[0].startswith(stem) for stem in _DIRECTION_STEMS)


def _is_emphasis(text: str, before: str) -> bool:
    """Whether `*words*` stress a word of the sentence. Actions are phrases, verbs, or stand outside a sentence."""
    word = text.strip().lower().rstrip(".,!?")
    if " " in word or _is_direction(word):
        return False
    in_sentence = bool(before) and before not in ".!?…\n"
    verb = len(word) > 3 and word.endswith(_ENGLISH_VERB + _RUSSIAN_VERB)
    return in_sentence and not verb


def _is_pictorial(character: str, before: str) -> bool:
    """Emoji, their modifiers, and invisible characters. Joiners stay where a script needs them."""
    if character < "\u007f":
        return character in _DROPPED or (character < " " and character not in "\n\t")
    if character in _JOINERS:
        return not before.isalpha()
    if character in _DROPPED:
        return True
    if character in _KEPT_SYMBOLS:
        return False
    point = ord(character)
    if 0x1F000 <= point <= 0x1FAFF or 0xE0000 <= point <= 0xE0FFF:
        return True
    return unicodedata.category(character) in {"So", "Cf", "Cs", "Co", "Cn"}
