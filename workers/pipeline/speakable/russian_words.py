"""Russian numerals in words: cardinals and ordinals in every case and gender, and nouns that agree with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workers.pipeline.speakable.lists import listed

Case = Literal["nom", "gen", "dat", "acc", "ins", "pre"]
Gender = Literal["m", "f", "n"]
CASES: tuple[Case, ...] = ("nom", "gen", "dat", "acc", "ins", "pre")
LARGEST = 10**15 - 1


def _six(forms: str) -> dict[Case, str]:
    return dict(zip(CASES, forms.split(), strict=True))


def _soft(stem: str) -> dict[Case, str]:
    """пять, двадцать: declined like the word for bone."""
    return {case: stem + end for case, end in zip(CASES, ("ь", "и", "и", "ь", "ью", "и"), strict=True)}


@dataclass(frozen=True, slots=True)
class Noun:
    """A counted thing with its forms in the order of CASES."""

    singular: dict[Case, str]
    plural: dict[Case, str]
    gender: Gender = "m"

    def after(self, number: int, case: Case = "nom") -> str:
        """The form beside this whole number: один рубль, два рубля, пяти рублям."""
        form = plural_form(number)
        if form == 0:
            return self.singular[case]
        if case in ("nom", "acc"):
            return self.singular["gen"] if form == 1 else self.plural["gen"]
        return self.plural[case]


def plural_form(number: int) -> int:
    """0 for один рубль, 1 for два рубля, 2 for пять рублей."""
    last, tens = number % 10, number // 10 % 10
    if tens == 1 or last == 0 or last > 4:
        return 2
    return 0 if last == 1 else 1


def hard(stem: str, many: str = "ов") -> Noun:
    """A masculine noun such as доллар."""
    single = (stem, stem + "а", stem + "у", stem, stem + "ом", stem + "е")
    several = (stem + "ы", stem + many, stem + "ам", stem + "ы", stem + "ами", stem + "ах")
    return Noun(dict(zip(CASES, single, strict=True)), dict(zip(CASES, several, strict=True)))


def feminine(stem: str, many: str = "") -> Noun:
    """A feminine noun such as минута; `many` is the genitive plural where it is not the bare stem."""
    single = (stem + "а", stem + "ы", stem + "е", stem + "у", stem + "ой", stem + "е")
    several = (stem + "ы", many or stem, stem + "ам", stem + "ы", stem + "ами", stem + "ах")
    return Noun(dict(zip(CASES, single, strict=True)), dict(zip(CASES, several, strict=True)), "f")


def same(word: str, gender: Gender = "m") -> Noun:
    """A noun that never changes."""
    return Noun(dict.fromkeys(CASES, word), dict.fromkeys(CASES, word), gender)


THOUSAND = Noun(
    _six("тысяча тысячи тысяче тысячу тысячей тысяче"),
    _six("тысячи тысяч тысячам тысячи тысячами тысячах"),
    "f",
)
SCALES = (THOUSAND, hard("миллион"), hard("миллиард"), hard("триллион"))
_ONE: dict[Gender, dict[Case, str]] = {
    "m": _six("один одного одному один одним одном"),
    "f": _six("одна одной одной одну одной одной"),
    "n": _six("одно одного одному одно одним одном"),
}
_TWO: dict[Gender, dict[Case, str]] = {
    "m": _six("два двух двум два двумя двух"),
    "f": _six("две двух двум две двумя двух"),
    "n": _six("два двух двум два двумя двух"),
}
_PLAIN: dict[int, dict[Case, str]] = {
    0: _six("ноль ноля нолю ноль нолём ноле"),
    3: _six("три трёх трём три тремя трёх"),
    4: _six("четыре четырёх четырём четыре четырьмя четырёх"),
    8: _six("восемь восьми восьми восемь восемью восьми"),
    40: _six("сорок сорока сорока сорок сорока сорока"),
    80: _six("восемьдесят восьмидесяти восьмидесяти восемьдесят восемьюдесятью восьмидесяти"),
    90: _six("девяносто девяноста девяноста девяносто девяноста девяноста"),
    100: _six("сто ста ста сто ста ста"),
    200: _six("двести двухсот двумстам двести двумястами двухстах"),
    300: _six("триста трёхсот трёмстам триста тремястами трёхстах"),
    400: _six("четыреста четырёхсот четырёмстам четыреста четырьмястами четырёхстах"),
    800: _six("восемьсот восьмисот восьмистам восемьсот восемьюстами восьмистах"),
}
_PLAIN |= {number: _soft(stem) for number, stem in {5: "пят", 6: "шест", 7: "сем", 9: "девят", 10: "десят"}.items()}
_TEENS = listed("один две три четыр пят шест сем восем девят")
_PLAIN |= {11 + index: _soft(stem + "надцат") for index, stem in enumerate(_TEENS)}
_PLAIN |= {20: _soft("двадцат"), 30: _soft("тридцат")}
_PLAIN |= {
    number * 10: _six(f"{s}ьдесят {s}идесяти {s}идесяти {s}ьдесят {s}ьюдесятью {s}идесяти")
    for number, s in {5: "пят", 6: "шест", 7: "сем"}.items()
}
_PLAIN |= {
    number * 100: _six(f"{s}ьсот {s}исот {s}истам {s}ьсот {s}ьюстами {s}истах")
    for number, s in {5: "пят", 6: "шест", 7: "сем", 9: "девят"}.items()
}


def cardinal(number: int, case: Case = "nom", gender: Gender = "m") -> str:
    """The number in words. Raises ValueError beyond LARGEST."""
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{number} is too large to be said in words")
    if number == 0:
        return _PLAIN[0][case]
    words: list[str] = []
    for index in range(len(SCALES), 0, -1):
        scale = SCALES[index - 1]
        count = number // 1000**index % 1000
        if count:
            words += [*_below_thousand(count, case, scale.gender), scale.after(count, case)]
    words += _below_thousand(number % 1000, case, gender)
    return " ".join(words)


def _below_thousand(number: int, case: Case, gender: Gender) -> list[str]:
    words = []
    for part in _parts(number):
        table = {1: _ONE[gender], 2: _TWO[gender]}.get(part) or _PLAIN[part]
        words.append(table[case])
    return words


def _parts(number: int) -> list[int]:
    """345 as 300, 40, 5; what is said in one word stays one."""
    hundreds, rest = number // 100 * 100, number % 100
    tens, ones = (0, rest) if rest < 20 else (rest // 10 * 10, rest % 10)
    return [part for part in (hundreds, tens, ones) if part]


Ending = tuple[str, str, str, str, str, str, str]
_HARD_ENDS: dict[str, Ending] = {
    "m": ("ый", "ого", "ому", "ый", "ым", "ом", "ой"),
    "f": ("ая", "ой", "ой", "ую", "ой", "ой", ""),
    "n": ("ое", "ого", "ому", "ое", "ым", "ом", ""),
    "p": ("ые", "ых", "ым", "ые", "ыми", "ых", ""),
}
_THIRD: dict[str, dict[Case, str]] = {
    "m": _six("третий третьего третьему третий третьим третьем"),
    "f": _six("третья третьей третьей третью третьей третьей"),
    "n": _six("третье третьего третьему третье третьим третьем"),
    "p": _six("третьи третьих третьим третьи третьими третьих"),
}
_STRESSED = {0, 2, 6, 7, 8, 40}
"""Ordinals whose masculine ends in a stressed -ой."""
_STEMS: dict[int, str] = {
    0: "нулев", 1: "перв", 2: "втор", 4: "четвёрт", 5: "пят", 6: "шест", 7: "седьм", 8: "восьм", 9: "девят",
    10: "десят", 20: "двадцат", 30: "тридцат", 40: "сороков", 50: "пятидесят", 60: "шестидесят", 70: "семидесят",
    80: "восьмидесят", 90: "девяност", 100: "сот",
}  # fmt: skip
_STEMS |= {11 + index: stem + "надцат" for index, stem in enumerate(_TEENS)}
_STEMS |= {number: _PLAIN[number]["gen"] for number in range(200, 1000, 100)}


def ordinal(number: int, case: Case = "nom", gender: Literal["m", "f", "n", "p"] = "m") -> str:
    """The ordinal in words; gender "p" is the plural. Raises ValueError beyond a million: such figures are no rank."""
    if not 0 <= number < 1_000_000:
        raise ValueError(f"{number} is too large for an ordinal")
    if number and number % 1000 == 0:
        count = number // 1000
        joined = "".join({100: "сто", 90: "девяносто"}.get(p) or cardinal(p, "gen") for p in _parts(count))
        return _adjective(("" if count == 1 else joined) + "тысячн", case, gender)
    last = (_parts(number % 1000) or [0])[-1]
    before = number - last
    words = [cardinal(before).removeprefix("одна ")] if before else []  # a year is тысяча девятьсот, never одна тысяча
    words.append(_THIRD[gender][case] if last == 3 else _adjective(_STEMS[last], case, gender, last in _STRESSED))
    return " ".join(words)


def _adjective(stem: str, case: Case, gender: str, stressed: bool = False) -> str:
    ends = _HARD_ENDS[gender]
    if stressed and gender == "m" and case in ("nom", "acc"):
        return stem + ends[6]
    return stem + ends[CASES.index(case)]


def decimal(whole: int, fraction: str) -> str:
    """3,5 as три целых пять десятых. `fraction` has at most six digits."""
    part, places = int(fraction), len(fraction)
    one = plural_form(part) == 0
    name = ordinal_of_ten(places, "nom" if one else "gen", "f" if one else "p")
    integer = "целая" if plural_form(whole) == 0 else "целых"
    return f"{cardinal(whole, 'nom', 'f')} {integer} {cardinal(part, 'nom', 'f')} {name}"


def ordinal_of_ten(places: int, case: Case, gender: str) -> str:
    """десятая, сотая, тысячная … миллионная."""
    stem = ("десят", "сот", "тысячн", "десятитысячн", "стотысячн", "миллионн")[places - 1]
    return _adjective(stem, case, gender)
