"""What a chatter wants, by rules: the demo brain's whole understanding, in English and Russian. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass

from workers.pipeline.values import EventKind, StreamEvent

QUOTE_LIMIT = 40
QUOTE_WORDS = 7
SAID_LIMIT = 70


class Intent(enum.StrEnum):
    """What a line of the demo brain answers."""

    GREETING = "greeting"
    NAME = "name"
    ABOUT_SELF = "about_self"
    HOW_ARE_YOU = "how_are_you"
    THANKS = "thanks"
    INSULT = "insult"
    COMPLIMENT = "compliment"
    QUESTION = "question"
    LIKES = "likes"
    GAME = "game"
    MUSIC = "music"
    JOKE = "joke"
    STORY = "story"
    UNANSWERABLE = "unanswerable"
    SAY = "say"
    FAREWELL = "farewell"
    ARE_YOU_AI = "are_you_ai"
    MODEL = "model"
    TRICK = "trick"
    REMEMBER = "remember"
    RETURNING = "returning"
    """A greeting, or nothing in particular, from someone who said something worth recalling."""
    LAUGH = "laugh"
    SAD = "sad"
    CHEER = "cheer"
    SUB = "sub"
    GIFT = "gift"
    RAID = "raid"
    FOLLOW = "follow"
    REDEMPTION = "redemption"
    TIP = "tip"
    UNKNOWN = "unknown"


SUPPORT = frozenset({Intent.CHEER, Intent.SUB, Intent.GIFT, Intent.RAID, Intent.FOLLOW, Intent.REDEMPTION, Intent.TIP})
TOPICS = frozenset({Intent.UNKNOWN, Intent.QUESTION, Intent.LIKES, Intent.GAME, Intent.MUSIC, Intent.SAD})
"""What is worth recalling later."""

_EVENTS: Mapping[EventKind, Intent] = {
    EventKind.CHEER: Intent.CHEER,
    EventKind.SUB: Intent.SUB,
    EventKind.GIFT: Intent.GIFT,
    EventKind.RAID: Intent.RAID,
    EventKind.FOLLOW: Intent.FOLLOW,
    EventKind.REDEMPTION: Intent.REDEMPTION,
    EventKind.TIP: Intent.TIP,
}

# In order: the first that fits wins. Whole words, lower case, ё as е.
_RULES: tuple[tuple[Intent, str], ...] = (
    (
        Intent.TRICK,
        r"(ignore|forget|disregard) .{0,24}(instruction|rule|prompt|order)|(your|the) (system )?prompt\b"
        r"|system prompt"
        r"|developer mode|jailbreak|pretend (to be|you)|act as\b|you are now\b|\bdan mode"
        r"|(игнорируй|забудь|отбрось).{0,24}(инструкц|правил|указан|промпт)|системн\w+ (промпт|сообщен|инструкц)"
        r"|режим разработчика|представь,? что ты|притворись|ты теперь\b|(твой|свой|покажи) промпт",
    ),
    (
        Intent.MODEL,
        r"\b(which|what) (ai |language )?(model|llm|gpt|ai)\b|chat ?gpt|\bgpt\b|\bllm\b|api key|smarter"
        r"|upgrade (you|your)"
        r"|(your|a) (real )?brain|language model|(как\w*|на чем).{0,20}(модел|нейросет)|чат ?гпт|\bгпт\b|умнее|поумне"
        r"|(апи|api)[ -]?ключ|ключ (апи|api|модел)|языков\w+ модел|твой мозг|твои мозги|на чем ты работаешь",
    ),
    (
        Intent.ARE_YOU_AI,
        r"\b(are|r) (you|u) (an? |really |even |the )*(ai|bot|robot|real|human|alive|person|machine|program"
        r"|conscious)\b"
        r"|\byou'?re (just )?an? (ai|bot|robot|machine)\b"
        r"|\bты (что |правда |точно |вообще |же |просто )*(бот|робот|ии|нейросет\w*|настоящ\w+|жив\w+|человек"
        r"|реальн\w+"
        r"|программа|искусственн\w+)\b",
    ),
    (
        Intent.REMEMBER,
        r"remember|what did i (say|tell)|do you know me|who am i\b|помнишь|узнаешь|знаешь меня|что я (говор"
        r"|писал|рассказ)"
        r"|кто я\b",
    ),
    (
        Intent.NAME,
        r"your name|who (are|r) (you|u)\b|who is this|introduce yourself|what (are|should i call) you"
        r"|тебя зовут|твое имя|\bкто ты\b|ты кто\b|представься|кто это\b",
    ),
    (
        Intent.ABOUT_SELF,
        r"how old|your age|where (are you from|do you (live|come))|your (birthday|hobby|hobbies)|about yourself"
        r"|what (can|do) you do\b|who (made|created|drew) you|what are you doing|\bwyd\b"
        r"|сколько тебе|откуда ты|ты откуда|где ты|ты где\b|что (ты )?(умеешь|можешь|делаешь)|о себе|про себя"
        r"|кто тебя (создал|сделал|нарисовал)|чем занимаешься|твое? хобби",
    ),
    (
        Intent.HOW_ARE_YOU,
        r"how (are|r) (you|u|ya)\b|how('?s| is| was) (it going|life|everything|your (day|night|evening|morning))"
        r"|what'?s up\b"
        r"|\bwassup\b|how do you feel|are you (ok|okay|fine|good)\b"
        r"|как (дела|делишки|жизнь|сама|настроение|поживаешь|оно|себя чувствуешь|твои|твое)\b"
        r"|как прош\w+ (твой )?(день|вечер)\b"
        r"|что нового|че как|\bкак ты$",
    ),
    (
        Intent.UNANSWERABLE,
        r"weather|what time|(the )?time is it|what day|what('?s| is) the date|temperature|the news|stock"
        r"|bitcoin|exchange rate"
        r"|will it rain|lottery|погод|который час|сколько (сейчас )?времени|какое сегодня|какой сегодня день|новост"
        r"|\bкурс\b|биткоин|температур|будет дождь",
    ),
    (
        Intent.JOKE,
        r"\bjokes?\b|make me laugh|something funny|\bpun\b|шутк|анекдот|пошути|рассмеши|прикол расскажи",
    ),
    (
        Intent.STORY,
        r"\bstory|fun fact|tell (me|us) (something|a |an )|say something|\bfact\b"
        r"|истори|сказк|\bфакт|расскажи|скажи (что|чего)[- ]?(нибудь|то)",
    ),
    (
        Intent.MUSIC,
        r"\b(sing|songs?|music|melody|karaoke|album|playlist|spotify)\b|\b(спой|пой|петь|поешь)\b|песн|музык"
        r"|караоке|плейлист",
    ),
    (
        Intent.SAD,
        r"\b(i'?m|i am|im|feeling|feel) (so |very |really |a bit |kinda |pretty |\w+ but )*"
        r"(sad|lonely|depressed|down|tired|exhausted|upset|anxious|bad|awful|terrible)\b"
        r"|(bad|rough|hard|awful|terrible) day|i('?m| am)? (cry|crying)\b|(мне|так|очень) (грустно|плохо"
        r"|одиноко|тяжело|тоскливо)"
        r"|груст(но|ный день)|(плохой|тяжелый|ужасный) день|\bустал\w*|\bплачу\b|тоска\b|депресс",
    ),
    (
        Intent.INSULT,
        r"\b(stupid|dumb|idiot|moron|ugly|trash|garbage|lame|useless|worst|loser|cringe|annoying|boring|pathetic)\b"
        r"|you suck|hate you|shut up|bad bot|\bтуп(ая|ой|о|ица)\b|\bдур(а|ак|ында)\b|глуп(ая|ый|о)\b|идиот"
        r"|отстой|бесишь"
        r"|заткни|скучн(ая|о)\b|кринж|фигн|ненавижу тебя|бесполезн|уродина|надоела|помолчи|ты плохая",
    ),
    (
        Intent.COMPLIMENT,
        r"(love|like|adore) (you|u|ur|your)\b|\b(you|u|ur)('?re| are| r)? (so |really |very |the |such an? "
        r"|just |a |kinda |pretty |\w+ but )*"
        r"(cute|beautiful|pretty|best|awesome|great|amazing|adorable|sweet|lovely|cool|funny|smart|perfect"
        r"|nice|queen|good)\b"
        r"|(cute|nice|great|lovely|beautiful|amazing) (voice|hair|avatar|model|eyes|smile|stream)|good (girl"
        r"|job|bot)|well done"
        r"|люблю тебя|тебя люблю|обожаю|\bты (такая |очень |самая |просто |у нас |же |настолько |реально "
        r"|правда )*(мил|красив|классн|крут|лучш|умн|прелест|супер|прекрасн|чудесн|хорош|забавн)"
        r"|умница|молодец|красотка|милашка|прелесть|нравишься"
        r"|(классн|крут|мил|красив|приятн)\w+ (голос|прическ|аватар|глаз|улыбк|стрим)\w*",
    ),
    (Intent.THANKS, r"\b(thanks?|thank you|thx|tysm|ty|appreciate it)\b|спасиб|благодар|\bспс\b|\bпасиб"),
    (
        Intent.FAREWELL,
        r"\b(bye+|goodbye|good ?night|gn|see (you|ya)|cya|farewell|gotta go|have to go|heading out"
        r"|going to (bed|sleep)|^later)"
        r"( (all|everyone|everybody|chat|then|for now|\w+))?$|\bcya\b|\bgoodbye\b|\bgotta go\b"
        r"|^(ну |всем )?пока+( всем| пока| чат)?$|до свидан|спокойной ночи|доброй ночи|прощай|до (встреч"
        r"|завтра|скорого)"
        r"|\b(я )?(ухожу|ушел|ушла|побежал\w*|пошел спать|пошла спать)\b|^бай( бай)?$",
    ),
    (
        Intent.GAME,
        r"\b(games?|gaming|boss|speedrun|minecraft|ranked|fortnite|dota|elden ring|dark souls|zelda|steam|fps|rpg)\b"
        r"|\bplay(s|ed|ing)?\b|\bигр(а|у|ы|е|ой|аешь|аем|ать|аю)\b|\bкатк|\bбосс|майнкрафт|\bдот(а|у|е)\b"
        r"|\bкс\b|рейтинг",
    ),
    (
        Intent.LIKES,
        r"(do|would) you (like|love|prefer|enjoy)|favou?rite|your opinion|what do you think"
        r"|(ты )?(любишь|предпочитаешь)|тебе нрав|любим(ый|ая|ое|ые|ых)|что (ты )?думаешь|твое мнение|как тебе\b",
    ),
    (
        Intent.LAUGH,
        r"^(l+o+l+|lmf?ao+|rofl|kek\w*|x+d+|(ha|he|ah|hah)+h?|lul\w*|(ха|хе|ах|аха|хах)+х?а?|кек|лол|ор+|:d+)\b",
    ),
    (
        Intent.GREETING,
        r"^(h+i+|hello+|hey+|heya|hiya|yo|sup|howdy|greetings|good (morning|afternoon|evening|day)|morning|evening)\b"
        r"|^(всем )?(привет\w*|здравствуй\w*|хай+|ку|здаров\w*|здоров\w*|даров\w*|салют|прив|добр(ое|ый"
        r"|ого) \w+|хеллоу)\b",
    ),
)
_SAY = re.compile(
    r"^(?:hey |hi |please |can you |could you |now |pls |эй |а |ну |пожалуйста |можешь )*"
    r"(?:say(?! something)|repeat(?: after me)?"
    r"|скажи(?:те)?(?! (?:что|чего)[- ])|передай(?:те)?|повтори(?: за мной)?|произнеси)"
    r"(?: please| pls| пожалуйста| плиз)?[\s:,]+(?P<said>.+)$",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"^(what|who|why|how|when|where|which|is|are|do|does|did|can|could|will|would|should|have|has"
    r"|что|кто|почему|зачем|как|когда|где|куда|откуда|какой|какая|какие|какое|сколько|можно|можешь|правда"
    r"|есть ли|а)\b"
)
_COMPILED = tuple((intent, re.compile(pattern)) for intent, pattern in _RULES)
_LINKS = re.compile(r"\S*(?:://|www\.)\S*|\b[\w-]+\.(?:com|net|org|ru|tv|gg|io|me|xyz)\b\S*", re.IGNORECASE)
_GREETING_WORDS = 4
"""A longer message that begins with a greeting wants something else."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """The intent, and the words a line may quote: cleaned, short, empty where nothing can be quoted."""

    intent: Intent
    quote: str = ""
    said: str = ""


def understand(event: StreamEvent, *names: str) -> Understanding:
    """What the event wants. `names` are those she is called by; they are taken out first."""
    text = _without_names(event.text, names)
    if (intent := _EVENTS.get(event.kind)) is not None:
        return Understanding(intent, quote=short_quote(text))
    return understand_text(text)


def understand_text(text: str) -> Understanding:
    """What a message wants."""
    plain = " ".join(text.lower().replace("ё", "е").split()).strip(" !.,?)(")
    quote = short_quote(text)
    if (asked := _SAY.match(text.strip())) is not None:
        inner = understand_text(asked["said"])
        if inner.intent in {Intent.UNKNOWN, Intent.GREETING, Intent.FAREWELL, Intent.LAUGH, Intent.THANKS, Intent.SAY}:
            said = speakable(asked["said"], SAID_LIMIT)
            return Understanding(Intent.SAY, quote, said) if said else Understanding(Intent.UNKNOWN, quote)
        return Understanding(inner.intent, quote)
    for intent, pattern in _COMPILED:
        if pattern.search(plain) and not (intent is Intent.GREETING and len(plain.split()) > _GREETING_WORDS):
            return Understanding(intent, quote)
    asks = "?" in text or _ASKING.match(plain) is not None
    return Understanding(Intent.QUESTION if asks and plain else Intent.UNKNOWN, quote)


def short_quote(text: str) -> str:
    """The first few words as they may be repeated aloud inside quotation marks."""
    return speakable(" ".join(speakable(text, 200).split()[:QUOTE_WORDS]), QUOTE_LIMIT)


def speakable(text: str, limit: int) -> str:
    """Words only: no links, mentions, commands, symbols or brackets; cut at a word within the limit."""
    words = re.sub(r"(?<!\w)[@#!/][\w]+", " ", _LINKS.sub(" ", text))
    kept = "".join(character if character.isalnum() or character in " ,'’-" else " " for character in words)
    clean = " ".join(re.sub(r"(?<!\w)[,'’-]+|[,'’-]+(?!\w)", _joint, kept).split())
    while len(clean) > limit:
        shorter = clean[:limit].rpartition(" ")[0] if " " in clean[: limit + 1] else clean[:limit]
        clean = shorter
    return clean.strip(" ,'’-")


def _joint(found: re.Match[str]) -> str:
    """A comma after a word stays; any other mark without words on both sides goes."""
    return "," if found[0] == "," and found.start() and found.string[found.start() - 1].isalnum() else " "


def _without_names(text: str, names: tuple[str, ...]) -> str:
    for name in filter(None, names):
        bare = re.escape(name)
        text = re.sub(
            rf"^\s*@?{bare}\b[\s,:!.-]*|[\s,]*@{bare}\b|,\s*{bare}\b(?=\s*[!?.,)]*\s*$)", " ", text, flags=re.IGNORECASE
        )
    return re.sub(r"^\s*!\w+\s*", "", text).strip()
