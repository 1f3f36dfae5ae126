"""Cuts a streamed reply into sentences to speak, the first piece as early as it can sound natural.

Pure; the same text gives the same sentences however it was cut into deltas, and no spoken word is lost. Of "Really?!"
at its very beginning only the first mark is kept: the piece is on its way before the second comes.
"""

from __future__ import annotations

import re

from workers.pipeline.tags import TagStripper
from workers.pipeline.values import Mood, Sentence

FIRST_CLAUSE_CHARACTERS = 9
"""The first piece may end at a clause mark from this length, that of "Honestly," and "Наверное,": half a second of
speech, in which the next piece arrives. Measured with a streamed voice: 20 cost the median of the first sound 50 ms,
a whole sentence 84 ms."""
LONGEST = 200
"""Characters of the longest piece: beyond it voices begin to ramble, and an interrupt has to throw too much away."""

_END = frozenset(".!?…。！？｡．؟۔।॥")
_WIDE_END = frozenset("。！？｡؟۔।॥")
"""Marks that end a sentence whatever follows; the Latin ones need a look at the next character."""
_CLAUSE = frozenset(",;:—–-،؛，、；：")
_WIDE_CLAUSE = frozenset("，、；：،؛")
_CLOSERS = "\"'”’»)]」』）】›"
_OPENERS = " \n\"'“„«‘‹「『（【([<"
_OPENED = re.compile(r"""["“„«»「『（【()\[\]]|(?:^|\s)['‘‹]""")
"""What may still be closed behind a mark."""
_SHORTENED = """
mr mrs ms dr prof st sr jr vs etc e.g i.e a.m p.m no inc ltd approx gen capt lt sgt col rev hon mt ave est fig vol
т.е т.к т.д т.п т.н т.о др пр г гг вв ул пл просп стр руб коп тыс млн млрд см мм км им гл напр св ок рис мин сек
т д е п к н тел ст акад проф z.b bzw usw ca nr bspw m mme mlle sra srta ud uds p.ej
"""
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_SINGLE_WORDS = frozenset("IЯЮAОИ")
"""Capital letters that are words: after them a full stop ends a sentence; any other single capital is an initial."""


class SentenceReader:
    """Feed the deltas of one reply, get its sentences. `names` are those a model may put before it as `Name:`."""

    def __init__(self, *names: str) -> None:
        self._tags = TagStripper(*names)
        self._buffer = ""
        self._mood: Mood | None = None
        self._next_mood: Mood | None = None
        self._first = True
        self._spare_marks = False
        """Whether the piece before is away already, so that a second mark right behind its mark goes with nothing."""

    def feed(self, delta: str) -> list[Sentence]:
        """Sentences that became certain with this delta."""
        sentences: list[Sentence] = []
        for piece in self._tags.feed(delta):
            self._take(piece, sentences)
        return sentences

    def finish(self) -> list[Sentence]:
        """The rest of the reply. The reader is spent afterwards."""
        sentences: list[Sentence] = []
        for piece in self._tags.finish():
            self._take(piece, sentences)
        self._cut(len(self._buffer), sentences)
        return sentences

    def _take(self, piece: str | Mood, sentences: list[Sentence]) -> None:
        if isinstance(piece, Mood):
            if self._ended():
                self._cut(len(self._buffer), sentences)
            if self._speakable(self._buffer):
                self._next_mood = piece
            else:
                self._mood = piece
            return
        self._spare_marks = self._spare_marks and (piece in _END or piece in _CLOSERS)
        if self._spare_marks:
            return
        if piece == "\n" or self._certain_before(piece):
            self._cut(len(self._buffer), sentences)
        self._buffer += piece
        if self._certain_after(piece):
            self._cut(len(self._buffer), sentences)
            self._spare_marks = True
        elif len(self._buffer) > LONGEST:
            self._cut(_last_pause(self._buffer), sentences)

    def _ended(self) -> bool:
        core = self._buffer.rstrip().rstrip(_CLOSERS)
        return core[-1:] in _END and not _is_abbreviation(core)

    def _certain_before(self, character: str) -> bool:
        """Whether the buffer's last mark is known to end a piece, now that the next character is seen."""
        text = self._buffer
        core = text.rstrip(_CLOSERS)
        mark = core[-1:]
        if not mark or character in _END or character in _CLOSERS:
            return False
        if mark in _WIDE_END:
            return True
        if mark in _END and not _is_ellipsis(core):
            if mark == ".":
                return character.isspace() and not _is_abbreviation(core)
            return character.isspace() or (mark in "!?" and character.isalpha() and not self._in_address())
        if _is_ellipsis(core.rstrip()) and core != core.rstrip():
            # A pause within a sentence goes on in small letters.
            return not character.isspace() and not character.islower()
        return self._first and character.isspace() and self._clause_ends(core)

    def _clause_ends(self, core: str) -> bool:
        if not self._speaks_long():
            return False
        if _is_ellipsis(core):
            return True
        mark = core[-1]
        return mark in _CLAUSE and (mark not in "-–" or core[-2:-1].isspace())

    def _certain_after(self, character: str) -> bool:
        """Marks of the first piece that need no look ahead, a token's time: a question or exclamation after a letter,
        though a second mark may follow; clause marks where digits are not grouped with them (wide ones, and a comma
        after a letter). Where a quotation or bracket is open, the mark that closes it belongs to the piece."""
        if not self._first:
            return False
        plain = self._buffer[-2:-1].isalpha() and _OPENED.search(self._buffer) is None
        if character in "!?":
            return plain and not self._in_address()
        return self._speaks_long() and (character in _WIDE_CLAUSE or (character == "," and plain))

    def _in_address(self) -> bool:
        """Whether the last word is a web address, in which such a mark may stand."""
        return "/" in self._buffer[self._buffer.rfind(" ") + 1 :]

    def _speaks_long(self) -> bool:
        return len(self._buffer.strip(_OPENERS)) >= FIRST_CLAUSE_CHARACTERS

    def _cut(self, position: int, sentences: list[Sentence]) -> None:
        text = _tidy(self._buffer[:position])
        if not self._speakable(text):
            # Marks alone are no speech: they stay with the words that follow, unless a line ended.
            return
        self._buffer = self._buffer[position:]
        sentences.append(Sentence(text, self._mood))
        self._mood, self._next_mood = self._next_mood, None
        self._first = False

    @staticmethod
    def _speakable(text: str) -> bool:
        return any(character.isalnum() for character in text)


_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r" ([,.!?…;:])(?= |$)")
_FACE = r"[-'^]?[DPpOoРрОо)(\[\]*|/\\](?!\w)"
"""What makes a face of the colon before it: it goes to the reading of signs whole."""
_LINE_START = re.compile(rf"^(?:[>•·#\s]|[-–—](?!\d)|[.…,!?](?!\d)|[;:](?!\d|{_FACE}))+")


def _tidy(text: str) -> str:
    """One line, single spaces, no bullets, heading marks or orphaned marks at its start."""
    text = _SPACES.sub(" ", text).strip()
    text = _SPACE_BEFORE_MARK.sub(r"\1", text)
    return _LINE_START.sub("", text)


def _is_ellipsis(text: str) -> bool:
    return text.endswith(("..", "…"))


def _is_abbreviation(text: str) -> bool:
    """Whether the full stop at the end belongs to the last word: Mr. т.е. J. and the number of a list entry."""
    if not text.endswith(".") or text.endswith(".."):
        return False
    words = text[:-1].split()
    word = words[-1].lstrip("(\"'«„“[") if words else ""
    if len(words) == 1 and word.isdigit():
        return True
    if len(word) == 1 and word.isalpha() and word.isupper():
        return word not in _SINGLE_WORDS
    return word.lower() in _ABBREVIATIONS


def _last_pause(text: str) -> int:
    """Where a piece that became too long is cut: after its last clause mark, else at its last space, else there."""
    best = 0
    for index in range(1, len(text)):
        if text[index].isspace() and text[index - 1] in _CLAUSE | _END:
            best = index
    if best < LONGEST // 3:
        best = text.rfind(" ", 0, LONGEST + 1)
    return best if best > 0 else LONGEST
