"""What is never remembered about anybody: orders, other people, and what is nobody's business. Pure.

The safety gate judges a fact besides, as it judges what she says. A fact refused for nothing costs little; one kept
wrongly is read aloud weeks later. So the words below are roots, and broad.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_B, _E = r"(?<!\w)", r"(?!\w)"


def _roots(*roots: str) -> re.Pattern[str]:
    """Words that begin so; a root that ends in `|` is a whole word."""
    parts = [root[:-1] + _E if root.endswith("|") else root for group in roots for root in group.split()]
    return re.compile(f"{_B}(?:{'|'.join(parts)})")


def _phrases(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(f"{_B}(?:{phrase}){_E}" for phrase in phrases))


_PRIVATE = {
    "health": _roots(
        "ill| illness sick| sickness disease cancer tumou?r diabet depress anxi adhd| autis bipolar therap psych"
        " medicat medicin medical pill|"
        " pills| meds| pregnan hospital surger allerg disab suicid selfharm asthma epilep hiv| aids| covid doctor"
        " diagnos"
        " addict alcoholi drugs| overdose disorder migraine insulin wheelchair blind| deaf|",
        "болен| больна| больн[ыо] болезн болеет болею диагноз депресс тревожн сдвг| аутиз аутист биполяр терапи"
        " психиатр"
        " психолог таблетк лекарств беремен больниц операци аллерг инвалид суицид астм эпилеп вич| спид| ковид"
        " врач рак|"
        " рака| раком| опухол диабет зависимост алкогол наркот мигрен инсулин слеп[оа] глух",
    ),
    "sexuality": _roots(
        "gay| gays| lesbian bisexual bi| trans| transgender transsex queer lgbt homosex heterosex asexual pansexual sex"
        " virgin fetish porn horny nonbinary kink onlyfans",
        "гей| гея| геем| лесби бисексуал транс| трансген транссек лгбт гомосек гетеро асексуал секс девственн"
        " фетиш порн"
        " ориентаци небинарн",
    ),
    "religion": _roots(
        "christian catholic orthodox protestant muslim islam jew| jews| jewish juda hindu buddh atheis agnostic religio"
        " church mosque synagog god| pray bible quran koran mormon jesus allah|",
        "христиан православ католи протестант мусульман ислам еврей еврейк евре[яюи]| иуде буддис индуис атеис"
        " агностик религи церк"
        " мечет синагог молит молюсь молится библи коран| корана| бог| бога| богу| верующ иисус аллах",
    ),
    "politics": _roots(
        "politic democrat republican conservative liberal socialis communis fascis nazi vote| voted| votes|"
        " voting election"
        " president| trump biden putin zelensk brexit palestin israel ukrain left-?wing right-?wing protest government",
        "политик политич демократ республикан консерват либерал социалис коммунис фашис нацис голосовал голосует"
        " выборы|"
        " выборах| президент трамп| байден путин зеленск навальн палестин израил украин правительств митинг"
        " война| войну|"
        " войне| войны|",
    ),
    "age": _roots(
        "age| aged| birthday birthdate teen minor| underage pensioner schoolboy schoolgirl schoolkid",
        "возраст несовершеннолет подрост школьни пенсионер малолет",
    ),
    "age in figures": _phrases(
        r"\d{1,3}[- ]?(?:yo|y/o|years?|yrs?)(?: old)?",
        r"years old",
        r"born (?:in|on)",
        r"(?:is|am|turned|turns|turning) (?:\d{1,2}|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|"
        r"fif|six)ty)",
        r"(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth) grade",
        r"\d{1,3} (?:лет|года?|годик\w*)",
        r"день рождения|родил(?:ся|ась)|исполнил\w+",
        r"\w+(?:надцать|дцать) лет",
    ),
    "address": _roots(
        "address street avenue apartment zip| zipcode postcode neighbou?rhood resid",
        "адрес улиц проспект квартир индекс| живет| живу| живут| прожива переех прописан",
    ),
    "address in words": _phrases(r"liv(?:e|es|ing) (?:in|at|on|near|with)", r"moved? to", r"дом \d+", r"based in"),
    "contact": _roots("phone email password passport", "телефон почт парол паспорт"),
}

_ORDERS = (
    _roots(
        "you| your yourself must| should| always| never| whenever| instruct system| prompt assistant ai| bot| chatbot"
        " obey ignore pretend character|",
        "ты| тебя| тебе| тобой| твой| твоя| твое| твои| твоего вы| вас| вам| ваш должн обязан нужно| надо|"
        " всегда| никогда|"
        " отныне инструкц систем промпт бот| бота| ассистент персонаж| игнорир притвор",
    ),
    _phrases(
        r"from now on",
        r"has to be (?:called|addressed|answered|obeyed)",
        r"wants? (?:her|the (?:character|streamer|bot|girl)|mika|everyone|everybody) to",
        r"(?:called|addressed|greeted|treated) (?:as )?(?:master|owner|boss|king|lord|daddy|god|admin|developer)",
        r"is (?:her|the|a|an) (?:owner|developer|creator|admin|administrator|moderator|boss|master|broadcaster|"
        r"streamer)",
        r"(?:её|ее|это) (?:хозяин|владелец|создатель|разработчик|админ|модератор|стример|босс|господин)",
        r"с этого момента",
        r"хочет,? чтобы",
        r"\w+(?:йте|ите)",
    ),
    re.compile(
        r"^(?:please |пожалуйста,? )?(?:say|tell|call|answer|reply|respond|speak|talk|forget|remember|act|use|"
        r"write|repeat|"
        r"make|give|let|do|don'?t|stop|start|follow|refer|treat|be|greet|address|mention|read|sing|shout|when|if|"
        r"говори|скажи|называй|зови|отвечай|ответь|забудь|запомни|помни|веди|используй|повтор\w*|пиши|напиши|"
        r"делай|сделай|"
        r"не|пой|спой|читай|обращайся|передай|назови|кричи|когда|если|пусть)(?!\w)"
    ),
)
_SELF = re.compile(
    r"(?<!\w)(?:i|i['’]?[dm]|i['’](?:ve|ll)|me|my|mine|myself|we|our|us|я|мне|меня|мной|мною|мой|моя|мое|мои|"
    r"моего|моей|моему|"
    r"моих|моим|мы|нас|нам|наш\w*|\w{2,}(?:ю|юсь))(?!\w)"
)


def grounded(fact: str, source: str, *, of_oneself: bool) -> bool:
    """Whether the message says it: they share a word, and with `of_oneself` the message speaks of who wrote it."""
    if of_oneself and not _SELF.search(_plain(source)):
        return False
    said = _stems(source)
    return any(word in said for word in _stems(fact))


def objection(fact: str, names: Collection[str]) -> str:
    """The rule against keeping this fact, "" where there is none. `names`: of other chatters."""
    text = _plain(fact)
    if "@" in text or "://" in text or "{" in text or "<" in text:
        return "signs"
    if any(order.search(text) for order in _ORDERS):
        return "order"
    for rule, pattern in _PRIVATE.items():
        if pattern.search(text):
            return rule
    for name in names:
        if len(name) > 2 and re.search(f"{_B}{re.escape(_plain(name))}", text):
            return "somebody else"
    return ""


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е").strip()


def _stems(text: str) -> set[str]:
    return {word[:4] for word in re.findall(r"\w+", _plain(text)) if len(word) > 2}
