"""Russian figures in words, in the case and gender their neighbours ask for."""

from __future__ import annotations

import re

from workers.pipeline.speakable.figures import (
    LONGEST_CODE,
    ROMAN,
    SIGN,
    Figure,
    Rule,
    following,
    preceding,
    replace_figures,
    rule,
)
from workers.pipeline.speakable.lists import listed
from workers.pipeline.speakable.russian_words import (
    LARGEST,
    THOUSAND,
    Case,
    Gender,
    Noun,
    cardinal,
    decimal,
    feminine,
    hard,
    ordinal,
    plural_form,
    same,
)

_RUBLE = Noun(
    {"nom": "рубль", "gen": "рубля", "dat": "рублю", "acc": "рубль", "ins": "рублём", "pre": "рубле"},
    {"nom": "рубли", "gen": "рублей", "dat": "рублям", "acc": "рубли", "ins": "рублями", "pre": "рублях"},
)
_KOPECK = Noun(
    {"nom": "копейка", "gen": "копейки", "dat": "копейке", "acc": "копейку", "ins": "копейкой", "pre": "копейке"},
    {"nom": "копейки", "gen": "копеек", "dat": "копейкам", "acc": "копейки", "ins": "копейками", "pre": "копейках"},
    "f",
)
_MONEY = {
    "$": (hard("доллар"), hard("цент")), "€": (same("евро"), hard("цент")), "£": (hard("фунт"), same("пенсов")),
    "₽": (_RUBLE, _KOPECK), "¥": (feminine("иен"), None), "₴": (feminine("гривн", "гривен"), _KOPECK),
    "₸": (same("тенге"), None),
}  # fmt: skip
_SCALES = {
    "к": THOUSAND, "k": THOUSAND, "тыс": THOUSAND, "м": hard("миллион"), "m": hard("миллион"),
    "млн": hard("миллион"), "млрд": hard("миллиард"), "b": hard("миллиард"), "трлн": hard("триллион"),
}  # fmt: skip
_UNITS = {
    "км/ч": hard("километр"), "км": hard("километр"), "см": hard("сантиметр"), "мм": hard("миллиметр"),
    "кг": hard("килограмм"), "мин": feminine("минут"), "сек": feminine("секунд"), "мс": feminine("миллисекунд"),
    "гб": hard("гигабайт", ""), "мб": hard("мегабайт", ""), "тб": hard("терабайт", ""),
    "gb": hard("гигабайт", ""), "mb": hard("мегабайт", ""), "tb": hard("терабайт", ""),
    "fps": hard("кадр"), "фпс": hard("кадр"), "ч": hard("час"), "м": hard("метр"),
}  # fmt: skip
_TAIL = {"км/ч": " в час", "fps": " в секунду", "фпс": " в секунду"}
_MONTHS = (
    listed("января февраля марта апреля мая июня июля августа сентября октября ноября декабря")
)  # fmt: skip
_GENITIVE = frozenset(listed("до от около после больше меньше более менее из без для свыше у против кроме порядка"))
_DATIVE = frozenset({"к", "ко", "благодаря"})
_ENDINGS: tuple[tuple[str, Case], ...] = (
    ("ами", "ins"), ("ями", "ins"), ("ьми", "ins"), ("ам", "dat"), ("ям", "dat"), ("ах", "pre"), ("ях", "pre"),
)  # fmt: skip
_NOT_NOUNS = frozenset(listed("там сам нам вам"))
_ADJECTIVE = re.compile(r".+(?:ых|их|ые|ие|ый|ий|ой|ая|яя|ое|ее|ую|юю|ого|его|ому|ыми|ими|ым|им)$")
_SOFT_FEMININE = re.compile(r".*(?:ость|есть|знь|вь|чь|шь|щь|ель|оль|еть|ать|адь|ань|ень)$")
_SOFT_MASCULINE = frozenset(
    listed("день рубль пень камень корень огонь конь учитель зритель житель писатель строитель водитель")
)
_RANK: dict[str, tuple[Case, Gender | str]] = {
    "й": ("nom", "m"), "ый": ("nom", "m"), "ой": ("nom", "m"), "ий": ("nom", "m"), "я": ("nom", "f"),
    "ая": ("nom", "f"), "е": ("nom", "n"), "ое": ("nom", "n"), "го": ("gen", "m"), "ого": ("gen", "m"),
    "му": ("dat", "m"), "ому": ("dat", "m"), "ю": ("acc", "f"), "ую": ("acc", "f"), "м": ("pre", "m"),
    "ом": ("pre", "m"), "ым": ("ins", "m"), "х": ("gen", "p"), "ых": ("gen", "p"), "ми": ("ins", "p"),
}  # fmt: skip
_YEAR_CASE: dict[str, Case] = {"год": "nom", "года": "gen", "годом": "ins", "годе": "pre"}
_NUMBER = (
    r"(\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d{1,3}(?:,\d{3}){2,}(?!\d)|\d+)(?:[.,](\d+))?"
)  # fmt: skip
_NOT_INSIDE = r"(?<![\d.,])"
_LONG = "очень длинное число"


def read_figures(text: str) -> str:
    """The text with every figure in words."""
    return replace_figures(text, _RULES)


def amount(figure: Figure, case: Case = "nom", gender: Gender = "m") -> str:
    """Any number as written, in this case."""
    if len(figure.whole) > LONGEST_CODE or len(figure.fraction) > LONGEST_CODE:
        return _LONG
    if figure.is_code or figure.number > LARGEST:
        words = _digits(figure.whole)
        if figure.fraction:
            words += f" и {_digits(figure.fraction)}"
    elif not figure.fraction:
        words = cardinal(figure.number, case, gender)
        if 1000 <= figure.number < 2000:
            words = words.removeprefix("одна ").removeprefix("одну ")
    elif len(figure.fraction) <= 3:
        words = decimal(figure.number, figure.fraction)
    else:
        words = f"{cardinal(figure.number)} и {_digits(figure.fraction)}"
    return f"минус {words}" if figure.negative else words


def counted(figure: Figure, noun: Noun, case: Case = "nom") -> str:
    """пять рублей, двадцать одна минута, три целых пять десятых процента."""
    if figure.fraction:
        return f"{amount(figure)} {noun.singular['gen']}"
    if figure.is_code:
        return f"{amount(figure)} {noun.plural['gen']}"
    return f"{amount(figure, case, noun.gender)} {noun.after(figure.number, case)}"


def _digits(text: str) -> str:
    return " ".join(cardinal(int(digit)) for digit in text)


def _figure(match: re.Match[str], first: int = 1) -> Figure:
    whole = re.sub(r"[ \u00a0\u202f,]", "", match[first])
    return Figure(whole, match[first + 1] or "", negative=match[0][:1] in "-−–")


def _case_before(match: re.Match[str]) -> Case:
    """The case the preposition asks for; "с пяти до десяти" is told from "с пятью" by what follows."""
    before = preceding(match)
    if before in _GENITIVE:
        return "gen"
    if before in _DATIVE:
        return "dat"
    if before in ("с", "со") and re.match(r"[^.!?]{0,30}\b(?:до|по)\b", match.string[match.end() :]):
        return "gen"
    return "nom"


def _agreement(match: re.Match[str], number: int) -> tuple[Case, Gender]:
    """Case and gender by the noun that follows, else by the preposition."""
    case = _case_before(match)
    for word in following(match):
        if _ADJECTIVE.match(word) and word not in _NOT_NOUNS and not word.endswith(("ами", "ями")):
            continue
        if len(word) > 3 and word not in _NOT_NOUNS and case == "nom":
            case = next((found for end, found in _ENDINGS if word.endswith(end)), case)
        return _gender(word, number, case)
    return case, "m"


def _gender(word: str, number: int, case: Case) -> tuple[Case, Gender]:
    """Beside 1 the noun stands in its own form; beside 2 its genitive tells feminine (минуты) from the rest (дня)."""
    if plural_form(number) == 1:
        return case, "f" if number % 10 == 2 and word.endswith(("ы", "и")) else "m"
    if plural_form(number) == 0 and len(word) > 1:
        if word.endswith(("у", "ю")) and case == "nom":
            return "acc", "f"
        if word.endswith(("а", "я")) and case == "nom":
            return case, "f"
        if word.endswith(("о", "е", "ё")):
            return case, "n"
        if word not in _SOFT_MASCULINE and _SOFT_FEMININE.match(word):
            return case, "f"
    return case, "m"


def _plain(match: re.Match[str]) -> str:
    figure = _figure(match)
    if figure.fraction or figure.is_code:
        return amount(figure)
    return amount(figure, *_agreement(match, figure.number))


def _money(figure: Figure, sign: str, scale: str, case: Case) -> str:
    noun, small = _MONEY[sign]
    if scale:
        return f"{counted(figure, _SCALES[scale.lower()], case)} {noun.plural['gen']}"
    if len(figure.fraction) == 2 and small is not None and not figure.is_code:
        whole, part = figure.number, int(figure.fraction)
        pieces = [counted(Figure(figure.whole), noun, case)] if whole or not part else []
        pieces += [counted(Figure(str(part)), small, case)] if part else []
        return ("минус " if figure.negative else "") + " ".join(pieces)
    return counted(figure, noun, case)


def _money_before(match: re.Match[str]) -> str:
    figure = Figure(re.sub(r"[ \u00a0\u202f,]", "", match[3]), match[4] or "", negative=bool(match[1]))
    return _money(figure, match[2], match[5] or "", _case_before(match))


def _money_after(match: re.Match[str]) -> str:
    sign = match[4] if match[4] in _MONEY else "₽"
    return _money(_figure(match), sign, (match[3] or "").strip(" .\u00a0"), _case_before(match))


def _scaled(match: re.Match[str]) -> str:
    return counted(_figure(match), _SCALES[match[3].lower()], _case_before(match))


def _unit(match: re.Match[str]) -> str:
    unit = match[3].lower()
    return counted(_figure(match), _UNITS[unit], _case_before(match)) + _TAIL.get(unit, "")


def _rank(match: re.Match[str]) -> str:
    case, gender = _RANK[match[2].lower()]
    if gender == "p" and preceding(match) in ("в", "о", "на"):
        case = "pre"
    if match[2].lower() == "е" and len(match[1]) > 1 and match[1].endswith("0"):
        gender = "p"  # 90-е are years
    return ordinal(int(match[1]), case, gender)  # type: ignore[arg-type]


def _year(match: re.Match[str]) -> str:
    word = match[2].lower()
    case = _YEAR_CASE.get(word) or ("dat" if preceding(match) in ("к", "ко", "по") else "pre")
    return f"{ordinal(int(match[1]), case)} {match[2]}"


def _year_alone(match: re.Match[str]) -> str:
    return f"{match[1]}{ordinal(int(match[2]), 'pre')} году"


def _day(day: int, match: re.Match[str]) -> str:
    before = preceding(match)
    case: Case = "gen"
    if before in ("сегодня", "завтра", "вчера", "это", "на", "было"):
        case = "nom"
    elif before in ("к", "ко"):
        case = "dat"
    return ordinal(day, case, "n")


def _named_day(match: re.Match[str]) -> str:
    day = int(match[1])
    return f"{_day(day, match)} {match[2]}" if 1 <= day <= 31 else match[0]


def _numeric_day(match: re.Match[str]) -> str:
    return _date(match, int(match[1]), int(match[2]), match[3])


def _iso(match: re.Match[str]) -> str:
    return _date(match, int(match[3]), int(match[2]), match[1])


def _date(match: re.Match[str], day: int, month: int, year: str | None) -> str:
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match[0]
    words = f"{_day(day, match)} {_MONTHS[month - 1]}"
    if year:
        words += f" {ordinal(int(year if len(year) == 4 else '20' + year), 'gen')} года"
    return words


def _time(match: re.Match[str]) -> str:
    case: Case = "gen" if _case_before(match) == "gen" else "nom"
    parts = [int(part) for part in match.groups() if part is not None]
    small = [f"ноль {cardinal(part)}" if part < 10 else cardinal(part, case) for part in parts[1:]]
    return " ".join([cardinal(parts[0], case), *small])


def _century(match: re.Match[str]) -> str:
    case: Case = {"век": "nom", "века": "gen", "веке": "pre", "веку": "dat"}.get(match[2].lower(), "nom")  # type: ignore[assignment]
    return f"{ordinal(ROMAN[match[1]], case)} {match[2]}"


_SCALE_NAMES = r"тыс\.?|млн\.?|млрд\.?|трлн\.?|[кkмm](?![\w])"
_RULES: tuple[Rule, ...] = (
    rule(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)", _iso),
    rule(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)(?![\d.]*\d)", _numeric_day),
    rule(r"(?<![\d.])(\d\d)\.(0[1-9])()(?![\d.]*\d)", _numeric_day),
    rule(rf"(?<!\d)(\d{{1,2}})(?:-?го)? ({'|'.join(_MONTHS)})\b", _named_day),
    rule(r"(?<!\d)(\d{4})(?:-?(?:й|го|м|му))? (год(?:а|у|ом|е)?)\b", _year),
    rule(r"(\b[вВ] )(1[89]\d\d|20\d\d)(?= ?(?:[,.!?…]|$))", _year_alone),
    rule(r"(?<![\d:])(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?![\d:])", _time),
    rule(rf"([-−]?)([$€£₽¥₴₸])[ \u00a0]?{_NUMBER}(?:[ \u00a0]?(тыс|млн|млрд|[кkмm](?!\w)))?", _money_before),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}[ \u00a0]?({_SCALE_NAMES})?[ \u00a0]?([$€£₽¥₴₸]|руб\b\.?|р\.(?!\w))",
         _money_after),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}[ \u00a0]?%", lambda m: counted(_figure(m), hard("процент"), _case_before(m))),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}[ \u00a0]?°[ \u00a0]?[cс]?(?!\w)",
         lambda m: counted(_figure(m), hard("градус"), _case_before(m))),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}[ \u00a0]?(тыс|млн|млрд|трлн)\b\.?", _scaled),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}([кk]|[m])(?!\w)", _scaled),
    rule(r"(?<![\d.,])(\d{1,6})(?:-(?=[яеюмх])|-?(?=\w\w|й))(ого|его|ому|ыми|ый|ой|ий|ая|ое|го|му|ую|ых|ым|ом|ми|й|я|е|ю|м|х)(?!\w)",
         _rank),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}[ \u00a0]?({'|'.join(sorted(_UNITS, key=len, reverse=True))})(?!\w)\.?", _unit),
    rule(r"[#№][ \u00a0]?(?=\d)", lambda m: "номер "),
    rule(r"\b[xх×](?=\d)", lambda m: "умножить на "),
    rule(r"(?<=\d)[ \u00a0]?[xх×*][ \u00a0]?(?=\d)", lambda m: " на "),
    rule(r"(?<![\d./])24/7(?![\d/])", lambda m: "двадцать четыре на семь"),
    rule(r"(?<![\d./])(\d{1,3})/(\d{1,3})(?![\d/])", lambda m: f"{m[1]} из {m[2]}"),
    rule(r"(?<!\d)(\d{1,3})[ \u00a0]?:[ \u00a0]?(\d{1,3})(?![\d:])", lambda m: f"{m[1]} {m[2]}"),
    rule(r"(?<=\d)[ \u00a0]?[-–—][ \u00a0]?(?=\d)", lambda m: "-"),
    rule(r"(?<=\d)\.(?=\d+\.\d)|(?<=\.\d)\.(?=\d)|(?<=\.\d\d)\.(?=\d)", lambda m: " точка "),
    rule(r"(?<!\w)\+(?=\d)", lambda m: "плюс "),
    rule(r"\b([IVX]+) (век(?:а|е|у)?)\b", lambda m: _century(m) if m[1] in ROMAN else m[0], ignore_case=False),
    rule(rf"(?<=\w )({'|'.join(r for r in ROMAN if len(r) > 1)})\b", lambda m: cardinal(ROMAN[m[1]]),
         ignore_case=False),
    rule(rf"{SIGN}{_NUMBER}", _plain),
)  # fmt: skip
