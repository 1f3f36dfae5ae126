"""Ordinary words that look like a name with a slip in it. Lists, and how a word is looked up in them.

Short words of every kind, those one letter away from common names, what is said in chat, and common first names:
whoever is called Алина does not mean Алиса.
"""

from __future__ import annotations

from functools import cache

from workers.pipeline.speakable.chat_words import EMOTES, ENGLISH, RUSSIAN

_ENGLISH = """
about above abuse actor adapt added admin admit adult after again agent agree ahead aisle alarm album alert alias
alibi alien align alike alive allow alone along aloud alpha alter amaze amber amend among angel anger angle angry
anime annoy apart apple apply april arena argue arise armor armour around arrow aside asset audio aunt aura auto avoid
awake award aware away awful baby back bad badge ball band bank base basic basis batch beach bean bear beard beast
beat beauty beer been before begin being bell belly below bench berry best beta better beyond bird birth black blade
blame blank blast blaze bleed blend bless blind blink block blood bloom blow blue board boat body bold bomb bone bonus
book boost boot booth border bored boring born boss both bottle bottom bowl brain brave bread break breath brick bride
bridge brief bright bring broad broke broken brother brown brush buddy bug build built bunch bunny burn burst busy
butter button buy cable cake call calm came camera camp candle candy candor canal can't card care cargo carry cart
case cash castle cast catch cause cave celery cell chain chair chance change chaos charm chart chase chat cheap cheat
check cheer cheese cherry chess chest chick chief child chill china choice choir choose chore chose city claim class
classy clean clear clever click cliff climb clip clock close cloth cloud cloudy clown club coach coast coat code
coffee coin cold color colour come comet comic cookie cook cool cop copy coral corn corner cost couch could count
couple course court cover crab crack craft crash crazy cream creed creep crew crime crisp cross crowd crown cry cute
cycle daily dairy daisy dance danger dare dark dash data date dawn day dead deal dear death debut deep deer delay demo
dense depth desk devil diamond diary dice died diet digit dinner dirt dirty disc dish ditty dizzy doctor does dog
doing doll dolly door dose dot double doubt dozen draft drag drama draw dream dress dried drink drive driver drop dry
duel dull dumb dust duty each eager eagle early earn earth ease east easy echo edge edit eight elder elite else email
ember emote empty end enemy energy enjoy enter entry equal erase error essay evade even event ever every evil exact
exam exist exit extra eyes face fact fade fail faint fair fairy faith fake fall false fame fancy far farm fast fat
fate father fault favor fear feast feel feet fell felt fence fever few field fifty fight file fill film final find
fine fire first fish five fix flag flame flash flat flesh flight flip float flood floor flora floral flow flower fluff
fluffy fly foam focus fog fold folk follow food fool foot force forget form forth forty forum found four fox foxes
frame frank free fresh fried friend frog from front frost frosty fruit fuel full fun funny fury game gamer games gate
gear gem genie genre gentle ghost giant gift ginger girl give glad glass globe gloom glory glow glue goal goat god
gold gone good goose grab grace grade grain grand grant grape graph grass grave gravy gray great green greet grey grid
grief grin group grow guard guess guest guide guild guitar gun guy hair half hall halt hand hang happy hard harm harp
hat hate have hazel head heal heart hearty heat heavy held hell hello help hen here hero hide high hill hint hit hobby
hold hole holiday home hone honest honey honor hood hook hope horn horror horse host hotel hour house how hub huge
human humor hunt hurry hurt ice icon idea idle idol ill image imagine index inner input iron issue ivory jacket jail
jam jazz jelly jest jet jewel join joke jolly joy juice juicy jump junior just karma keen keep kept key kick kid kill
kind king kiss kit kite kitten kitty knee knife knight knock know label lack lady lag laid lake lamp land lane large
laser last late later laugh launch law lay layer lazy lead leaf league lean learn least leave led left leg legal lemon
less let letter level lick lie life lift light like lilac lily limit line link lion list listen little live liver
lives living load loan local lock log logic lone lonely long look loop loose lord lose loser loss lost lot loud love
lover lovely low loyal luck lucky lunar lunch lung lure mad made magic maid mail main major make malice man manga
manger mango mania manic map maple march mark marry mask mass master mat match mate math matter may maybe mayor meal
mean meat media medic meet melee mellow melody melon melt meme menu mercy merge merit merry mess message metal meter
method middle might mike mild mile milk mind mine minor mint minute miracle mirror misery miss missed mist misty mix
mob mode model mom money monk month mood moon moral more morning moth mother motor mount mouse mouth move movie much
mud music must mute naked name nap narrow nasty nature navy near nearly neat neck need nerd nerf nerve never new news
next nice night nine ninja noble nobody noise none noon normal north nose note noted notes notice nova novel now null
number nurse nut object ocean odd off offer often oil okay old olive once one onion only open opera orange orbit order
organ other our out outer over own owner pace pack page paid pain paint pair palace pale panda panel panic pants paper
parent park part party pass past paste pastor patch path pause peace peach peak pearl pen penny people perfect person
pet petal phone photo piano pick pie piece pig pilot pin pine pink pipe pitch pity pixel pixie pizza place plain plan
plane planet plant plate play player please plot plus poem poet point poker pole police pony pool poor pop poppy port
pose post pot pound power press pretty price pride prime prince print prison prize probe pro problem proof proud prove
pull pulse punch puppy pure purple push put quake queen query quest quick quiet quit quite quote race radio rage raid
rain rainy raise rally ran range rank rapid rare rat rate raven raw ray reach react read ready real rebel red refer
relax remix reply report rest result retro rhyme rice rich rid ride rider ridge right ring riot rip rise risk rival
river road roast rob robber robe robin robot rock rocky role roll room root rope rose rosy rough round route row royal
ruby ruin rule run rush rust sad safe safer sage said sail saint salad sale salt salty same sand sandy sash sauce save
saw say scale scare scarf scary scene scent school score scout scream screen sea seal search season seat second secret
see seed seek seem seen self sell send sense serve set seven shade shadow shady shake shall shame shape share sharp
she sheep sheet shelf shell shield shift shine shiny ship shirt shock shoe shoot shop short shot should show shut shy
sick side sight sign silent silk silly silver simple since sing singer sir sister six size skill skin skip sky slap
sleep slice slide slim slow small smart smell smile smoke smooth snack snake snow snowy soap soft soil solar sold sole
solid solo solve some song soon sorry sort soul sound soup sour south space spare spark speak speech speed spell spend
spice spicy spider spin spirit spoil spoon sport spot spray spring squad square stack staff stage stair stale stall
stamp stand star stare starry start state stay steady steal steam steel stellar step stereo stick still stock stone
stony stood stop store storm stormy story strange straw stray stream street strike string strong stuck study stuff
stupid style sub such sudden sugar suit summer sun sunday sunny super sure surf swan swap sweat sweet swift swim swing
sword table tail take taken tale talk tall tank tape target task taste tasty taunt tax tea teach team tear tease tell
temper ten tent term test text than thank that the their them theme then there these they thick thief thin thing think
third this those though three threw throw thumb ticket tidy tie tiger tight till time timer tiny tip tired title toast
today toe token told tomb tone tongue tool tooth top topic torch total touch tough tour tower town toxic toy track
trade trail train trait trap trash treat tree trend trial tribe trick trip troll troop truck true trust truth try tube
tune turn twice twin twist two type ugly uncle under union unit unity until upper upset urban urge use user usual
valid value valve vampire vast vault verse very video view viper viral virus visit vital vivid vocal voice void vote
vow wagon wait wake walk wall wand want war warm warn wash waste watch water wave way weak wear weather web week weird
well went were west wet whale what wheat wheel when where which while white who whole whose why wide wife wild will
win wind window wine wing winner winter wipe wire wise wish witch with witty wolf woman women won wonder wood word
work world worm worry worse worst worth would wound wrap wreck write wrong yard yeah year yell yellow yes yet you
young your youth zebra zero zone violent marine ramen rave raver cheery ronin honed crustal
"""
_RUSSIAN = """
автор адрес актёр альбом ангел анекдот аниме арбуз арена армия атака база банан банк бар баран басня башня беда без
бег бедный белка белый берег берёза бить битва благо блин блок бог богатый бок бой боль больной больше борода боюсь
брат брать бред бровь броня брось будет буду буква бумага буря бутылка бы бывает был быстро быть вагон важно вал вам
вас ваш вдруг ведро ведь веер везде век вера веранда верить верный верх весело весна весть весь ветер ветка вечер вещь
взгляд взять вид видео видеть видимо вино вирус вишня вкус вкусно власть вместе вниз внук вода водить возле возраст
война вокруг волк волна волос волшебный вон вопрос ворона восемь вот враг время все всё всегда всего встать вторая
второй вход выбор выход газ гад где герой гид глава главный глаз глина глубина глупый гнев год голова голод голос
голый гора гораздо горе город горячий господа гость готово град грех гриб грива гроза гром грудь груз грусть губа гусь
давай давно даже дай дал далеко дама дар дата дать дача дверь движок двое дева девочка девушка дед дела делать дело
день деньги дерево держать десять дети детка диван дива дик длина дно добро добрый дождь дойти долг должен долина дом
дорога дорогой доска достать дочь драка драма друг другой дума думать дура дурак духи душа дым дыра дядя его еда еле
ель если есть ещё жаба жалко жаль жара жарко ждать жена женщина жест жесть живой жизнь жила жить жук забава забыть
завод завтра зад задача зайка зайти закат зал замена замок занят запад запах заря зато зачем звать звезда зверь звон
звук здесь земля зима злой змея знак знать знаю значит зона зуб зря игра играть игрок идея идти изба изо икона икра
или им имя иней иногда ирис искать искра итог ищу кабан каждый казино как какой калина камень камера канал капля карма
карта картина касса каша кашель квас кепка кино кирпич кисть кит класс клик клин клип ключ книга кнопка князь код кожа
коза кока кола колесо команда комар комета комната компот кондитер конец конечно конфета концерт конь копать кора
корень корзина корм корова корона корпус кость костюм кот кошка кран краса красивый краска красный край крик кровь
кролик кроме круг крутой крыло крыса крыша кто кукла кулак купить курить курица курс куст кусок кухня куча лавина
лавка лаг ладно лак лама лампа лапа ласка лев левый лёд лежать лекарь лень лес лестница лет лететь лето лечь ли лига
лидер лимон линия лис лиса лист литр лицо личный лоб ловить лодка ложка лор лоза лук луна лунный луч лучше люби любить
любовь любой люди лютый мавр магия магазин мазь май мак мал малина мало малый мама манга манера марка март маска масло
мастер мат мать мафия машина мебель мёд медаль медведь мелкий мелочь мель мена меня мера мерить место месяц метель
метка метод меч мечта мешать мешок миг мил милый мимо мина минута мир мираж миска миссия мода модель может мозг мой
мокрый молодец молоко момент монета монитор мороз море морковь мост мотор мочь муза музыка мука муж муха мы мысль мыло
мышь мясо мяч надо назад найти наказ налить нам народ нас настоящий настроение настрой насыпь научить начать наш небо
недавно неделя нежный некий нельзя немой нет неужели нибудь низ никак никогда никто нить новый нога ноль номер норма
нос носик ноты ночь нравится ну нужно ныть обед облако образ общий овца огонь огромный одежда один озеро окно олень он
она они опасно опера опыт опять орден орёл осень ослик остаться остров ответ отдых отец откуда ошибка падать пакет
палец палка память папа пара парень парк пароль партия пасть паук пауза певец пейзаж пена перед перец период песня
песок петь печка печь пиво пикник пиксель пила пилот пирог писать письмо пить пицца план плата платье плач плечо плита
плохо плюс пляж победа повар погода погоня под подвал подруга поезд пожар пока покой покупка пол пола поле полёт
ползать полка полный положить получить помидор помню помощь понять пора порт портал порядок после постель постой потом
почему почта поэма правда право праздник предмет привет пример принц природа приход причина проба проект просто против
пруд прыжок прямо птица пункт пусто путь пух пчела пыль пьеса пять рабочий работа рад радио радость раз разве размер
разный разум рай рана раньше рама расти рассказ ребёнок редкий режим резко река рейд рельс речь решить рис риск
рисунок ритм робот ровно рог род родина рожа роза розовый рок роль роман роса рост рот рубашка рубин рубль рука руль
ручка рыба рынок рысь рядом сад сало салат сам самый сани сапог сбор свадьба свежий сверху свет свеча свинья свист
свободный свой связь сделать себя север сегодня седой сезон сейчас секрет секунда семь семья сено сердце серый серия
сесть сестра сеть сила сильно синий сирень сказать сказка скажи скала скат скоро скука слава слабый сладкий след слеза
слива слишком слово сложный слон слух смерть смех смола смотреть смысл снег снова собака собор совет совсем сок сокол
солнце соль сон соната сорт сосед сосна соус спасибо спать спина спор спорт спросить спуск среда срок ссора стадо
стакан стало сталь стан старик старый стать стая стекло стена стиль стих стоит стой стол стон сторона стоять страна
страх стрела стрим стример строка струна студия стул ступня стыд суббота субы судьба сука сумка суп сухой сцена
считать сын сыр сырой сюда табак таблица тайга тайна так такой там танец танк тапок таракан таять твой театр тело
темно тема темп тень тепло терять тёмный тётя тигр тина тип тихий то товар тогда толк толпа только том тон топор торт
точка точно трава травма треть третий три труба трубка труд туда туман тур тут туфли туча ты тысяча тюлень тянет увы
угол удар удача удобно ужас уже ужин узел ум умный упал уран урок усталый утка утро уха ухо учёба учить фабрика факт
фара фея физика фильм финал фирма флаг фокус фон фонарь форма фото фраза фронт фрукт халат хвост хижина хитрый хлеб
хлопок ход хозяин холод холст хор хорошо хотеть хочу храбрый храм хрен художник хуже царь цвет цветок целый цель цена
центр цепь цирк цитата цифра цыган чай час часто часть чат чаща чашка чего чек челлендж человек чем через черта честь
чехол чёрный чётко число чистый читать чтение что чувство чудо чужой чума чушь шаг шайба шапка шар шарм шахматы шея
шесть шина шишка школа шкура шлем шляпа шоу шпион штора шторм штука шум шутка щека щенок щука эпоха этаж этот эхо юла
юмор юность ягода яд яблоко язык яйцо якорь яма ярко ясно яхта ящик полон аудитория булка джинсы мелодия липа лужа
кафе ней ним них нами вами ими ему неё мне тебе тобой собой тебя моя мои твоя твои наша ваша своя свои эта эти это
были было чём чему кому кого
"""
_FIRST_NAMES = """
abby alan alec alex alexa alexis alice alicia alina alisa alison allan amanda amelia amy ana andrea andrew angela
anita anna anne annie anton arthur ashley ben bella benny betty bill billy bob bobby brandon brian carl carla carlos
carol caroline chloe chris christian claire clara cody connor daisy dan dana daniel danny dave david dean dennis diana
diane dora eddie edward elena eli ella ellie elsa emil emilia emily emma eric erica ethan eva evan evelyn fiona frank
gary george grace greg hana hanna hannah harry heidi helen henry holly ian ida irene iris isaac ivan jack jackie jake
james jamie jane janet jason jean jenna jenny jerry jessica jessie jim joe joel john johnny jordan jose joseph josh
juan judy julia julian julie karen kate katie kelly ken kevin kim kira kyle lana lara laura lauren lea leo leon leona
lena lewis liam lili lily linda lisa liz lola lora louis louise lucas lucia lucy luis luka luke luna lydia maddie
maggie marcus margo maria marie marina mario mark martha martin marty mary mason matt max maya megan mia michael
michelle mike mila miles milo mina mira miranda molly monica naomi natalie nate nathan neil nick nicky nicole nina
noah noel nora oliver olivia oscar owen pam paul paula peter phil rachel ralph ray rebecca rick robert robin roger ron
rosa rose rosie ruby ruth ryan sally sam samantha sara sarah scott sean selena serena simon sofia sonia sophia sophie
stan stella steve steven sue susan tara ted terry tim tina toby todd tom tommy tony tracy vera vicky victor vince
violet wade wanda wendy will zach zoe zoey аида алекс алексей алёна алина алиса алла алсу амина анастасия ангелина
андрей анна антон аня арина арсений артём артур ася богдан борис вадим валентина валера валерия валя ваня варвара варя
вася вера вероника вика виктор виктория виталий влад владимир володя вова галина галя гена георгий глеб гриша даня
дарина дарья даша денис дима диана дмитрий ева евгений егор екатерина елена жанна женя захар злата зоя иван игорь
илона илья инга инна ира ирина карина катерина катя кирилл кира коля костя кристина ксения ксюша лариса лена лера
леонид лёня лёша лида лиза лилия лина люба люда людмила майя макс максим маргарита марина мария марк матвей маша мила
милана мирон михаил миша надежда надя настя наталья наташа никита николай нина оксана олег олеся ольга оля павел паша
петя полина рая регина рита рома роман руслан саша света светлана семён серёжа сергей слава соня софия стас степан
таисия тамара таня татьяна тимофей тимур толя ульяна фёдор эмилия эля юлия юля юра юрий яна ярослав
"""
_ENDINGS = (
    "иями", "ость", "ости", "ешься", "ться",
    "ого", "его", "ому", "ему", "ыми", "ими", "ами", "ями", "ешь", "ишь", "ете", "ите", "ать", "ять", "еть", "ить",
    "ала", "али", "ила", "или", "ает", "яет", "ing",
    "ой", "ей", "ий", "ый", "ом", "ем", "ам", "ям", "ах", "ях", "ов", "ев", "их", "ых", "ую", "юю", "ая", "яя", "ое",
    "ее", "ые", "ет", "ит", "ут", "ют", "ят", "ил", "ал", "ел",
    "ed", "er", "es", "ly",
    "а", "я", "ы", "и", "е", "у", "ю", "о", "ь", "й", "s", "d", "y",
)  # fmt: skip
"""What a word is looked up without, the longest first."""
_LEAST_STEM = 3


def is_ordinary(word: str) -> bool:
    """Whether a word (small letters, no ё) is one of these, or another form of one. First names are apart."""
    return _is_listed(word, *_ordinary())


def is_first_name(word: str) -> bool:
    """Whether a word (small letters, no ё) is a common first name, in any case."""
    return _is_listed(word, *_first_names())


@cache
def _ordinary() -> tuple[frozenset[str], frozenset[str]]:
    return _looked_up(" ".join((_ENGLISH, _RUSSIAN, *EMOTES, *ENGLISH, *RUSSIAN)))


@cache
def _first_names() -> tuple[frozenset[str], frozenset[str]]:
    return _looked_up(_FIRST_NAMES)


def _is_listed(word: str, words: frozenset[str], stems: frozenset[str]) -> bool:
    stem = _stem(word)
    return word in words or stem in stems or stem in words


def _looked_up(words: str) -> tuple[frozenset[str], frozenset[str]]:
    listed = words.casefold().replace("ё", "е").split()
    return frozenset(listed), frozenset(map(_stem, listed))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            return word.removesuffix(ending)
    return word
