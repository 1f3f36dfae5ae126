"""Words of chat and how they are said: emotes, short forms, acronyms. Lists only."""

from __future__ import annotations

from workers.pipeline.speakable.lists import listed

EMOTES = {
    "Kappa": ("kappa", "каппа"),
    "Keepo": ("keepo", "кипо"),
    "PogChamp": ("pog champ", "пог чамп"),
    "Pog": ("pog", "пог"),
    "PogU": ("pog", "пог"),
    "Poggers": ("poggers", "поггерс"),
    "POGGERS": ("poggers", "поггерс"),
    "LUL": ("lul", "лул"),
    "LULW": ("lul", "лул"),
    "OMEGALUL": ("omega lul", "омега лул"),
    "KEKW": ("kek", "кек"),
    "monkaS": ("monka", "монка"),
    "monkaW": ("monka", "монка"),
    "Sadge": ("sadge", "сэдж"),
    "Pepega": ("pepega", "пепега"),
    "catJAM": ("cat jam", "кэт джем"),
    "4Head": ("four head", "фор хед"),
    "SMOrc": ("smork", "сморк"),
    "BlessRNG": ("bless R N G", "блесс рандом"),
    "PJSalt": ("salt", "соль"),
    "VoHiYo": ("vo hee yo", "вохиё"),
    "EZ": ("easy", "изи"),
    "COPIUM": ("copium", "копиум"),
    "HOPIUM": ("hopium", "хопиум"),
    "WeirdChamp": ("weird champ", "вирд чамп"),
    "BibleThump": ("bible thump", "байбл тамп"),
}
"""Names as chat writes them, in English and in Russian. Others are read like any compound word."""
EMOTES_ANY_CASE = frozenset({"kappa", "pogchamp", "omegalul", "kekw", "monkas", "lul", "copium", "pepega", "lulw"})

ENGLISH = {
    "gg": "gee gee", "ggwp": "gee gee, well played", "wp": "well played", "glhf": "good luck, have fun",
    "gl": "good luck", "hf": "have fun", "brb": "be right back", "btw": "by the way", "idk": "I don't know",
    "imo": "in my opinion", "imho": "in my opinion", "tbh": "to be honest", "omg": "oh my god", "irl": "in real life",
    "ty": "thank you", "tysm": "thank you so much", "thx": "thanks", "np": "no problem", "pls": "please",
    "plz": "please", "ur": "your", "vs": "versus", "ez": "easy", "nvm": "never mind", "rn": "right now",
    "ngl": "not gonna lie", "ikr": "I know, right", "smh": "shaking my head", "uwu": "oo woo", "owo": "oh woh",
    "ofc": "of course", "bc": "because", "tho": "though", "cya": "see ya", "ily": "I love you", "jk": "just kidding",
    "w/": "with", "w/o": "without", "ig": "I guess", "dw": "don't worry", "gn": "good night", "gm": "good morning",
    "lol": "lol", "lmao": "ha ha ha", "lmfao": "ha ha ha", "rofl": "ha ha ha", "kek": "kek",
}  # fmt: skip
RUSSIAN = {
    "спс": "спасибо", "пж": "пожалуйста", "пжл": "пожалуйста", "плз": "пожалуйста", "мб": "может быть",
    "кст": "кстати", "оч": "очень", "хз": "не знаю", "гг": "джи джи", "вп": "хорошо сыграно", "лс": "личка",
    "т.е": "то есть", "т.к": "так как", "т.д": "так далее", "т.п": "тому подобное", "напр": "например",
    "чел": "чел", "чзх": "что за дела", "имхо": "по-моему", "нзч": "не за что", "пон": "понятно", "ок": "окей",
    "gg": "джи джи", "ggwp": "джи джи", "wp": "хорошо сыграно", "ez": "изи", "omg": "о боже", "lol": "лол",
    "kek": "кек", "lmao": "ха-ха-ха", "rofl": "ха-ха-ха", "afk": "афк", "ok": "окей", "okay": "окей",
    "pls": "пожалуйста", "imho": "по-моему", "vs": "против", "glhf": "удачи", "brb": "скоро вернусь", "uwu": "у-ву",
}  # fmt: skip
DOTTED = frozenset({"т.е", "т.к", "т.д", "т.п", "напр"})
"""Russian short forms that bring a full stop of their own."""

ACRONYMS = frozenset(
    listed("""
    AI TV PC USA UK EU UN FPS MMO RPG GPU CPU API URL NPC PVP PVE HP XP MP DM VR AR OBS RTX GTX USB DJ CEO ID IP UI UX
    LLM TTS ASMR VIP MVP WWW HTTP HTTPS HTML CSS PS GTA DLC MOBA ETA FAQ DIY FBI CIA GPS DVD CD LED SSD HDD RAM BTC NFT
    MMORPG AFK RNG BRB CSGO PUBG WOW DPS NSFW EULA BBC CNN NBA NFL UFO
    США СССР РФ ИИ ПК ТВ ФПС МГУ ФСБ МВД НЛО ВВП ЦСКА ГТА ДТП ЖКХ
    """)
)
"""Said letter by letter, or always written in capitals: they stay as they are."""
SHORT_WORDS = frozenset(
    listed("""
    A I AM IS IT SO NO GO THE AND YOU ARE WHY HOW YES NOT WHO MY ME WE HE SHE HEY OH HI BYE NOW OUT UP DO DID ALL ANY
    CAN GET GOT BUT FOR LET SAY SEE TOO WAS HAS HAD WOW BIG BAD OF ON IN AT TO BE OR IF MAN BOY HER HIS OUR ITS ONE TWO
    ДА НЕТ ЭТО ВСЁ ВСЕ КАК ЧТО ОН ОНА ВОТ НУ НЕ НИ ТЫ МЫ ВЫ МНЕ МОЙ ТАК ТАМ ТУТ ГДЕ КТО ЧЕМ ЕГО ЕЁ ИХ НАС ВАС НО НА ЗА
    ПО ОТ ДО ИЗ БЫ ЖЕ ЛИ УЖЕ ЕЩЁ ОЙ АЙ УРА ЭЙ ИЛИ ДЛЯ ПРО БЕЗ ПРИ ПОД НАД РАЗ ДВА ТРИ
    """)
)
"""Words of two or three letters that capitals only make louder."""
DOUBLED = frozenset(
    listed("""
    good cool sweet been look book too see free food mood room soon moon need keep feel week queen hello all well hell
    kill will pull call really happy three pretty sorry coffee summer dinner better little matter bottle apple ball fall
    small tall wall full still till fell tell sell spell smell yell bell bee fee tree green deep sleep sheep meet street
    feet beer cheer door floor poor boo zoo moo woo pool school tool fool noob root shoot loot cook took foot wood
    stood hood miss boss loss class pass glass kiss less guess mess dress bless press off stuff puff buff nerf egg
    add odd kitty puppy bunny funny sunny silly jelly belly yummy daddy mommy eww hmm brr grr shh pff mmm ooh aah yeet
    follow yellow fellow pillow hollow tomorrow borrow
    вообще класс масс касса группа программа ванна сумма длинный странный ссора россия русский веер змее
    """)
)
"""Words with a double letter: a stretched one is set back to it and not to a single letter."""
