"""What the engines are asked to say: sentences drawn from our own words, with a seed. Sound is wanted, not sense."""

from __future__ import annotations

import random

WORDS = {
    "en": """
        pepper bubble mumble puppy baby mommy problem number member symbol pumpkin bamboo combo bumper paper people
        apple happy simple temple pump bomb lamp jump camp clap stop grab club tube robe map rope ship cup shop beat
        pie bye my five very over never lava movie favour valve fever visit view love wave gift coffee laugh phone
        funny fish half leaf cliff safe father mother weather other thing thought three throw bath earth breathe
        this that there those with without teeth two time tomato water letter butter city little bottle dead ready
        daddy garden window under middle needed good dog bigger again google garage king cookie kicker quick question
        quiet box extra exactly cake dark luck school sky score scream sister sixteen scissors sauce glasses race
        zebra crazy lazy puzzle noise rose please measure vision treasure usual beige shadow sugar special pressure
        fashion push wash chat chocolate teacher picture future watch catch judge jump giant energy magic message
        bridge run rabbit river arrow sorry green bright strange train dream draw yellow million lion lonely level
        listen really follow pool fall world girl word first early bird nurse turn water player winner singer song
        strong finger young longer morning evening nothing sing year yes you usually music cute few beauty we wait
        where why one once away queen twelve swim sweet home hello hero behind perhaps who whole human eat sleep
        green team key sea sit big fish give minute egg bed head friend said any cat black hand laugh bad cap hot
        father car start heart rock watch wash long saw talk door four more cold go road slow know boat moon blue food
        shoe true book look could put woman up cup blood money under about around banana sofa amazing o'clock eye
        night fly buy light now house brown loud out boy voice noise coin play day rain name eight great
    """,
    "ru": """
        папа мама баба бабушка бублик пупок помню пламя бумага лампа бомба апрель пиво бить мир память обед собака
        зубы хлеб рыба любовь вода вечер ветер волна ваза лев кровь фильм фара шкаф кофе график тётя труба тихо мать
        дом дядя дождь дверь люди вода каша кот окно рука книга кит город гора гость нога друг хорошо хвост муха
        эхо хитрый сон сила осень лес весы зима ваза зебра мороз зерно цирк птица отец конец цвет шар шум мышь машина
        жизнь жаба жёлтый кожа чай час ночь мяч чудо щука щётка вещь борщ нос нет небо конь день лук лето люблю соль
        рот река мороз дверь дорога яма ёлка юла мой еда сын сыр мы вы было рыжий ты жить игра и кино мяч сад час окно
        это этот поезд энергия утро ум лук туда зубы чувство лук тюльпан сегодня завтра вчера пожалуйста спасибо
        привет отлично красный белый быстро медленно смешно весело игрок победа сообщение подписка стрим девочка
    """,
    "it": """
        mamma papà bambino babbo pompa piombo campo tempo ombra impero bello sbaglio rubare sapere ape lupo vivo uva
        favola fuoco tufo stufa tetto dado dente madre tutto cane casa chiave poco gatto ghiaccio lago sasso sole rosa
        zio pazzo mezzo cena cielo dolce bacio giorno gelato oggi maggio sciarpa pesce lascia gnomo legno bagno figlio
        moglie famiglia luna bella palla rana carro terra rosso mare uomo nuovo buono quadro acqua guerra ieri piano
        fiore bianco perché città virtù caffè però andare vedere sentire parlare mangiare giocare vincere ridere
    """,
    "cs": """
        máma táta bába pampeliška pivo bubák koupit papír lampa problém město pět běžet vlak voda vítr láva kávа fotka
        doufám žirafa tady tělo děda ďábel den kniha kolo král gramofon guma chata ucho míchat sůl sestra zima mráz
        cesta noc cukr šaty myš pošta žena muž růže čas oči klíč řeka tři moře pekař nos něco loď léto sklo ryba
        hora dobrý jaro jeden nový malý velký rychle pomalu hrát smát mluvit dívat vyhrát zpráva počítač
    """,
    "fi": """
        mummo pappa pomppia lamppu apu papu kumpi ampua tupa leipä banaani bussi vapaa vesi tuuli hyvä yö työ tyttö
        pöytä öljy löytää sää pää hämärä käsi keksi kukka koulu kenkä kengät kaupunki sanoa susi sisar lumi talvi kesä
        linna ranta silta muki metsä katto auto aika päivä nauraa joki jää järvi hauska raha puhua pelata voittaa
        kiitos huomenna eilen tänään iso pieni nopea hidas fakta filmi foorumi huivi vauva tavu savu
    """,
    "ca": """
        mare pare poma bomba campana temps cambra ombra poble llibre obrir taula cavall vaca avui vent vida foc cafè
        telèfon dit dona dent tot tres casa queixal cosa gat gos aigua llengua sol rosa zebra cinc cel xocolata peix
        caixa jove gel metge platja cotxe despatx nit nen any muntanya llum lluna fill ull vermell rei terra gran carrer
        iaia noia fuita pell pèl bo bota mou neu dia riure jugar guanyar parlar mirar bonic petit ràpid
    """,
    "de": """
        Mama Papa Bombe Lampe Pumpe Baum lieben Apfel Pferd Affe Vogel Wasser Wolf Löwe offen Tisch Tür Tag reden Kuh
        Katze Garten Auge Buch ich lachen machen Haus sehen Sonne Rose Zahl Katze Pizza Schule Tasche Garage Deutsch
        Nacht Name singen lang Lampe alle rot fahren Jahr ja für Tür schön Löffel Mond gut Uhr müde viel Spiel Glück
    """,
    "es": """
        mamá papá bomba campo tiempo hombre pobre libro abeja vivo favor foto café tomar dedo todo casa queso gato
        guerra lago sol rosa zapato cena cielo chico noche jamón gente girar año niño luna lluvia calle perro rojo
        cara ahora hay hueso bueno agua huevo yo ayer reír jugar ganar hablar mirar pequeño rápido
    """,
    "fr": """
        maman papa bombe lampe pomme problème abeille vivre feu café photo table dormir chat cadeau gare gris soleil
        rose zéro chaud poche jour rouge nager montagne lune belle rue frère oui nuit huit eau beau peu peur soeur
        lundi bon vin blanc brun enfant maison rire jouer gagner parler regarder petit rapide
    """,
}
"""Common words with every sound of the language in several places."""
ENDINGS = (".", ".", ".", "!", "?")


def sentences(language: str, count: int, seed: int) -> list[str]:
    """`count` sentences of three to eleven words, now and then with a comma."""
    words = WORDS[language].split()
    rng = random.Random(f"{language} {seed}")
    rows: list[str] = []
    deck: list[str] = []
    for _ in range(count):
        length = rng.randint(3, 11)
        if len(deck) < length:
            deck = rng.sample(words, len(words))
        chosen, deck = deck[:length], deck[length:]
        if length > 5 and rng.random() < 0.5:
            chosen[rng.randint(1, length - 2)] += ","
        text = " ".join(chosen)
        rows.append(text[0].upper() + text[1:] + rng.choice(ENDINGS))
    return rows
