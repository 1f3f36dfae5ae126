"""Chat's own way of writing, made readable: links, faces, emotes, laughter, stretched and shouted words, names."""

from __future__ import annotations

import re
from itertools import product

from workers.pipeline.speakable.chat_words import (
    ACRONYMS,
    DOTTED,
    DOUBLED,
    EMOTES,
    EMOTES_ANY_CASE,
    ENGLISH,
    RUSSIAN,
    SHORT_WORDS,
)
from workers.pipeline.speakable.figures import ROMAN

SHOUTED_SHARE = 0.6
"""From this share of capital letters a text is shouted, and short words in capitals are no acronyms."""
MOST_LAUGHS = 3
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'»)\]]+|\b(?:[a-z0-9-]+\.)+[a-z]{2,6}/[^\s<>\"'»)\]]+", re.IGNORECASE)
_MAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w")
_DOMAIN = re.compile(r"\b([a-z0-9-]{2,30})\.(com|net|org|tv|gg|io|ru|me|dev|app|ai|live|online|рф)\b", re.IGNORECASE)
_FACES = re.compile(
    r"(?<!\w)(?:[:;=]['’]?-?(?:[)(\]\[|/\\*]+|[dDpPoOсС3](?!\w))|[xX]-?D+(?!\w)|<3+|<\\3|\^[_.]?\^|-_+-|[>.]_+[<.]"
    r"|[oOоО0]_+[oOоО0](?!\w)|[TтТ]_+[TтТ](?!\w)|¯\\?_?\(ツ\)_?/¯)"
)
_BRACKET_SMILES = re.compile(r"(?<=[\w!?.…])\s?(?:\){2,}|\({2,})|(?<=[\w!?.…])\)(?=\s*$)")
_LAUGHS = (
    (re.compile(r"\b[xX]D+\b|\b[хХ][дД]+\b"), "ha ha", "ха-ха"),
    (re.compile(r"\b(?:(?:mu?w?|b)?a*(?:h+a+){2,}h*|(?:a+h+){2,}a*)\b", re.IGNORECASE), "ha", "ха"),
    (re.compile(r"\b(?:h+e+){2,}h*\b", re.IGNORECASE), "heh", "хе"),
    (re.compile(r"\b(?:h+i+){2,}h*\b", re.IGNORECASE), "hee", "хи"),
    (re.compile(r"\b(?:h+o+){2,}h*\b", re.IGNORECASE), "ho", "хо"),
    (re.compile(r"\b(?:п?х*а*(?:х+а+){2,}х*|(?:а+х+){2,}а*|(?:а+з+){2,}а*)\b", re.IGNORECASE), "ha", "ха"),
    (re.compile(r"\b(?:п?х{3,}|(?:пх){2,}(?:а+х*)*)\b", re.IGNORECASE), "ha", "ха"),
    (re.compile(r"\b(?:х+е+){2,}х*\b", re.IGNORECASE), "heh", "хе"),
    (re.compile(r"\b(?:х+и+){2,}х*\b", re.IGNORECASE), "hee", "хи"),
    (re.compile(r"\b(?:х+о+){2,}х*\b", re.IGNORECASE), "ho", "хо"),
)  # fmt: skip
_TAG = re.compile(r"#(?=[^\W\d])(\w+)")
_NAME = re.compile(r"@(\w+)")
_COMMAND = re.compile(r"(?<!\S)!(?=[^\W\d_])")
_HUMP = re.compile(r"(?<=[a-zа-яё]{2})(?=[A-ZА-ЯЁ][A-Za-zА-Яа-яЁё])")
_COMPOUND = re.compile(r"\b[A-Za-z]+[a-z][A-Z][A-Za-z]*\b")
_RUN = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_VOWELS = frozenset("aeiouyаеёиоуыэюя")


def read_chat(text: str, language: str) -> str:
    """The text with chat's own signs in words. Figures, marks and the dictionary are others' business."""
    russian = language == "ru"
    text = _emotes(text, russian)
    text = _laughter(text, russian)
    text = _TAG.sub(lambda match: _humps(match[1].replace("_", " ")), text)
    text = _NAME.sub(lambda match: spoken_name(match[1]), text)
    text = _COMMAND.sub("", text).replace("_", " ")
    text = _short_forms(text, russian)
    text = _COMPOUND.sub(lambda match: _humps(match[0]), text)
    text = _WORD.sub(lambda match: _unstretched(match[0]), text)
    return _calm(text)


def read_links(text: str, language: str) -> str:
    """Addresses are not spelled out."""
    link, mail, dot = ("ссылка", "почта", "точка") if language == "ru" else ("link", "email", "dot")
    text = _MAIL.sub(f" {mail} ", _LINK.sub(f" {link} ", text))
    return _DOMAIN.sub(rf"\1 {dot} \2", text)


def without_faces(text: str) -> str:
    """Faces of marks are shown by the avatar and not said; laughing ones are left to `read_chat`."""
    text = _FACES.sub(lambda match: " xD " if match[0][0] in "xX" else " ", text)
    return _BRACKET_SMILES.sub("", text) if text.count(")") != text.count("(") else text


def spoken_name(name: str) -> str:
    """A login as one would call it: Luna_2007 as Luna, xX_Dragon_Xx as Dragon."""
    bare = re.sub(r"^[xX]{2,}_?|_?[xX]{2,}$", "", name)
    words = [word for word in re.split(r"[_\d]+", bare) if word]
    letters = "".join(words)
    return _humps(" ".join(words)) if len(letters) >= 2 else name


def _humps(word: str) -> str:
    return _HUMP.sub(" ", word)


def _emotes(text: str, russian: bool) -> str:
    def said(match: re.Match[str]) -> str:
        word = match[0]
        names = EMOTES.get(word)
        if names is None and word.lower() in EMOTES_ANY_CASE:
            names = next(value for name, value in EMOTES.items() if name.lower() == word.lower())
        return names[russian] if names else word

    return re.sub(r"\b\w+\b", said, text)


def _laughter(text: str, russian: bool) -> str:
    for pattern, english, cyrillic in _LAUGHS:
        text = pattern.sub(lambda match, e=english, r=cyrillic: _laugh(match[0], e, r, russian), text)  # type: ignore[misc]
    return text


def _laugh(word: str, english: str, cyrillic: str, russian: bool) -> str:
    syllable = cyrillic if russian else english
    if " " in english:
        return syllable
    count = min(MOST_LAUGHS, max(2, len(re.findall(r"[hх]+", word, re.IGNORECASE))))
    return ("-" if russian else " ").join([syllable] * count)


def _short_forms(text: str, russian: bool) -> str:
    table = RUSSIAN if russian else ENGLISH

    def said(match: re.Match[str]) -> str:
        word = match[1].lower()
        if word not in table or (match[2] and word not in DOTTED):
            return table.get(word, match[1]) + match[2]
        return table[word]

    return re.sub(r"(?<![\w/.])(w/o?|т\.[екдп]|[^\W\d_]{2,6})(?![\w/])(\.?)", said, text, flags=re.IGNORECASE)


def _unstretched(word: str) -> str:
    """soooo as so, goooood as good, нееет as нет. One letter alone, as in aaaa, is a sound: ah."""
    if not _RUN.search(word) or word in ROMAN:
        return word
    if len(set(word.lower())) == 1:
        letter = word[0].lower()
        sounds = {"a": "ah", "o": "oh", "u": "ooh", "e": "ee", "m": "hmm", "h": "hh"}
        return sounds.get(letter) or f"{letter}-{letter}"
    pieces = re.split(r"(([^\W\d_])\2{2,})", word, flags=re.IGNORECASE)
    # re.split gives text, run, its letter, text, run, …
    texts, runs = pieces[::3], [run[0] for run in pieces[2::3]]
    for lengths in list(product((2, 1), repeat=len(runs)))[:16]:
        tried = texts[0] + "".join(r * n + t for r, n, t in zip(runs, lengths, texts[1:], strict=True))
        if tried.lower() in DOUBLED:
            return tried
    return texts[0] + "".join(letter + rest for letter, rest in zip(runs, texts[1:], strict=True))


def _calm(text: str) -> str:
    """Shouted words in small letters: a voice spells capitals out. Acronyms stay."""
    letters = [letter for letter in text if letter.isalpha()]
    shouted = sum(map(str.isupper, letters)) > SHOUTED_SHARE * len(letters) and len(_WORD.findall(text)) > 2

    def said(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < 2 or not word.isupper() or word in ACRONYMS:
            return word
        pronounceable = not _VOWELS.isdisjoint(word.lower())
        if word in SHORT_WORDS or (pronounceable and (shouted or len(word) > 3)):
            return word.lower()
        return word

    return _WORD.sub(said, text)
