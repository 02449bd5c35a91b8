"""Invented sentences with blanks, as municipal texts are written: more context than texts alone.

Each blank is filled from the lists of names and streets, or made up, and marked. What stands
between is ordinary text. The sentences are written for this training; nobody is meant.
"""

import random
import re
from collections.abc import Iterator
from typing import Final

from sidemand.redaction.features import TOKEN
from sidemand.redaction.spans import Kind
from sidemand.redaction.training.augmentation import Augmentation
from sidemand.redaction.training.corpora import Sentence

_BLANK: Final = re.compile(r"\{(\w+)\}")
_LABELS: Final = {
    **dict.fromkeys(("name", "first", "caps", "listed", "initials", "nick"), Kind.PERSON),
    "org": Kind.ORGANISATION,
    **dict.fromkeys(("address", "street", "house"), Kind.ADDRESS),
    **dict.fromkeys(("born", "day"), Kind.BIRTH_DATE),
    **dict.fromkeys(("age", "years"), Kind.AGE),
    **dict.fromkeys(("number", "account", "paper", "case", "device"), Kind.NUMBER),
}

PHRASES: Final = r"""
{first} er født {born} og bor på {address}.
{name}, født den {born}, har søgt om boligstøtte.
Barn | Født | Institution\n{name} | {born} | {org}\n{name} | {born} | {org}\n{first} | {born} | hjemme
Navn | Fødselsdato | Adresse\n{listed} | {born} | {address}\n{listed} | {born} | {address}
Navn;Alder;Adresse\n{name};{age};{address}\n{name};{age};{address}
Hun fyldte {age} i foråret, og hendes bror {first} bliver {age} den {day}.
Min søn {first} fylder {age} den {day}, så vi skal have plads inden da.
Vi har to drenge på {age} og {age}, og den yngste går i {org}.
{first} på {years} begynder i {org} efter sommerferien.
{first} og {first} ({age} og {age} år) bor hos deres mormor.
Datteren {first} er {years}. Hun har fødselsdag {day}.
V: Hvornår er han født?\nB: {born}.\nV: Og hvor gammel er hun?\nB: {age}.
Borgeren er {years} og har boet på {address} siden 2011.
Hun er fra {born}, og manden er {age} år ældre end sønnen.
Jeg er {years} og bor alene efter at {first} døde.
Hvor gammel er du?\n{age}
Samtale med {name} ({age}), {name} ({age}) og pædagog {first}.
Kl. 07.15 {first} hjulpet op, kl. 09 besøg af datteren {first}. /{initials}
Opdateret 12/3 af {initials}. Næste opfølgning i uge 14.
Journalnotat ved {initials}. Sag oprettet d. 4/2.
Ref.: {initials}\nDeltagere: {name}, {name}, {first} ({org})
Mødt: {name} ({initials}), {name} ({initials}). Afbud: {initials}.
Ringet til borger, intet svar. {initials}
{initials}/Borgerservice
Kontrolleret {initials}. Godkendt {initials} 14.03.
mvh {initials}
Venlig hilsen\n{name}\n{org}
Med venlig hilsen\n\n{name}\nSocialrådgiver\nBørn og Familie
hilsen {first}
kh {first} og {first}
/{first}
Hej {first}\n\nTak for snakken i går. Jeg har talt med {name} fra {org}.
Kære {name}\n\nVi har modtaget din ansøgning om hjemmehjælp.
Til: {name}\nFra: {name}\nEmne: Aflastning til {first}
Vedr.: {listed}
{caps}\n{address}\nAfgørelse om personligt tillæg
Sagsbehandler: {name}\nBisidder: {name}\nTolk: {first}
Partsrepræsentant: advokat {name}, {org}
Læge {name} har skrevet, at {first} ikke kan arbejde.
Ifølge dr. {name} skal {first}s medicin sættes op.
ham {first} fra {org} har lånt mine penge
hende der {first} inde på kontoret sagde at jeg bare skulle søge
min nabo {first} i {house} har ringet til jer før
naboen i {house} larmer hver nat, og {first} tør ikke gå ud
Han kaldes {nick} på gaden og bor nu hos {first} på {street}.
Alle kalder ham {nick}, men han hedder {name}.
Mor, {name}, arbejder på {org}, far, {name}, er på {org}.
Far arb.: {org}\nMor arb.: {org}
{first} går på {org}, klasse 4B, og hans søster {first} går i {org}.
Efter skole er {first} i {org}, hvor {first} henter kl. 16.
Han træner i {org} to gange om ugen og spiser hos {first}.
Hun er ansat i {org} som rengøringsassistent.
Praktikken hos {org} stopper, fordi {name} ikke kan klare rygningen.
Lønsedlen er fra {org}. Arbejdsgiver bekræfter, at {first} er opsagt.
Udskrevet fra {org} til {org} den 4. marts.
Flytter fra {org} til {address}.
Bor midlertidigt på {org}, {address}.
Ny adresse pr. 1. maj: {address}. Gammel adresse: {address}.
Adressen er {address}, men posten går til {address}.
Jeg bor på {street} og {first} bor i {house}.
Ejendommen {address} ejes af {name}. Matr.nr. {number}.
Bilen holder ved {street}, den er {first}s.
Konto: {account}. Kontohaver: {name}.
Pengene skal ind på {account}, ikke på {first}s konto.
reg.nr. {account} tilhører {name}
Kørekort nr. {paper} er udstedt til {name}.
Pas {paper} tilhører {name}, udløber 12.03.2029.
Mit pas har nummer {paper} og {first}s er {paper}
Opholdskort: {paper}. Udlændinge-id {paper}.
Sagsnr. {case}. Deres ref.: {case}. Kontakt: {name}.
Journalnummer {case} vedrører {name}.
Jeg skriver om sag {case}, hvor {first} er part.
Computeren {device} er lånt ud til {first}.
Tablet med id {device} afleveret af {name}.
Kundenummer {number}, aftalen står i {name}s navn.
{listed};{number};{account}\n{listed};{number};{account}
01;{listed};{number};{account};lukket\n02;{listed};{number};{account};afvist
Hun hedder {name}, men er født {name}.
Det er {first}s egen beslutning, siger {name}.
{first} ringer og siger, at {first} er indlagt på {org}.
{first}: jeg kommer kl 14\n{first}: ok ses der
{name}: Hvad siger lægen?\nBorger: Hun hedder {first}, hende lægen.
Mødeleder bød velkommen til {name} og {name} fra {org}.
{first} har ADHD og går i behandling hos {name} på {org}.
Familien {caps} har fået ny kontaktperson, {name}.
{name}, {org}, tlf. findes i journalen
Underretning fra {org} om {name}, {years}.
Hunden hedder {nick} og er {first}s.
fru {name} og hr. {name} møder sammen
jeg hedder {name} og min kone hedder {name}
""".strip().split("\n")  # noqa: E501 - a sentence is a line

ORDINARY: Final = r"""
Hans mor ringede, og hans far kom til mødet. Hans bil holder i gården.
Hun har boet hos sin søster i tre år og flytter til august.
Vær opmærksom på, at lifteren Emma og stolen Viktor er navne på hjælpemidler.
Ansøgningen skal sendes inden 4 uger, jf. retssikkerhedslovens § 67, stk. 2.
Faktura sendes til EAN 5798004412006 med ordrenummer og rekvisition.
Udvalget drøftede budget 2026 og tog sagen til efterretning.
Mødet blev holdt den 3. marts 2025 kl. 10.30, og referatet blev godkendt.
Børn under 18 år og unge mellem 18 og 24 år kan få støtte i højst 12 måneder.
Please call me after work, I will be home from four. Thanks for your help.
We have lived here for nine years and my wife works at home.
Kontoret har åbent mandag til torsdag kl. 10-14 og fredag kl. 10-12.
Gebyret er 1.250 kr. om året, og restancen er 4.112,50 kr.
Se også vejledning nr. 10015 af 5. januar 2024 og bekendtgørelse nr. 933.
Godmorgen. Vi er forsinkede i dag. Ring til os, hvis der er noget.
Målgruppe | Antal 2022 | Antal 2023\nPsykisk sygdom | 41 | 38\nHjemløse | 12 | 15
Parkinson, Alzheimer, Crohn og Tourette er navne på sygdomme.
Posthuset er lukket, og pakken ligger nu i butikken ved stationen.
Formanden for udvalget bød velkommen. Punkt 3 blev udsat til juni.
Der er ventetid på op til seks måneder, og borgeren er orienteret om det.
Rengøring hver anden uge, bad to gange om ugen, indkøb om fredagen.
Vintertøj, Madpakke, Skiftetøj og Sutter skal have navn på.
Vh Kommunen
V: Godt. Så sender jeg den til dig.\nB: Tak. Mange tak.
Dato: 12/1-24   Underskrift:   Kopi til borgeren
Udskr. 11.09, kontrol om 3 mdr. Indl. 02.09. Tbl. Panodil 1 g x 4.
""".strip().split("\n")
"""Sentences in which nobody is named; `Hans` is a pronoun here, and Emma a product."""

_DRAWS: Final = 14


def filled(vary: Augmentation, seed: int) -> Iterator[Sentence]:
    """Every phrase with drawn fillings; every ordinary sentence a few times."""
    blanks = Blanks(vary, random.Random(seed))
    for phrase in PHRASES:
        for index in range(_DRAWS):
            sentence = _sentence(phrase.replace("\\n", "\n"), blanks)
            yield vary.lowered(sentence) if index % 5 == 4 else sentence
    for text in ORDINARY:
        words = TOKEN.findall(text.replace("\\n", "\n"))
        yield from [Sentence(words, ["O"] * len(words))] * 4


def _sentence(phrase: str, blanks: "Blanks") -> Sentence:
    words: list[str] = []
    labels: list[str] = []
    for index, piece in enumerate(_BLANK.split(phrase)):
        blank = index % 2 == 1
        tokens = TOKEN.findall(blanks.fill(piece) if blank else piece)
        words += tokens
        if blank:
            kind = _LABELS[piece]
            labels += [f"{'I' if at else 'B'}-{kind}" for at in range(len(tokens))]
        else:
            labels += ["O"] * len(tokens)
    return Sentence(words, labels)


_SORTS: Final = (
    "Børnehaven Børnehuset Vuggestuen Plejecenter Plejehjemmet Bostedet Botilbuddet Klinikken "
    "Lægehuset Apoteket Restaurant Café Hotel Frisør Salon Kollegiet Opholdsstedet Værestedet "
    "Fritidsklubben Dagplejen Gartneriet Skolen Institutionen SFO Klubben Krisecentret Bageriet "
    "Tandlægerne Pizzeria Kiosken Autoværkstedet Vaskeriet Teatret Foreningen Boligforeningen "
    "Natcaféen Kulturhuset Genbrugsen Stutteriet Rideskolen Fysioterapien Menigheden"
).split()
_ENDS: Final = (
    "Skole Friskole Efterskole Børnehave Plejecenter Idrætsforening Boldklub Auto Byg "
    "VVS Transport "
    "Rengøring Gartneri Bageri Maskinfabrik Tømrer Slagteri Fysioterapi Psykiatri Kirke Hospice "
    "ApS A/S I/S Køreskole Bo- Stål Garn Sushi Grill Kro El Mejeri Trælast Optik"
).split()
_THINGS: Final = (
    "Solsikken Regnbuen Mælkebøtten Egernet Troldehøj Søglimt Birkely Lærkereden Bølgen Kløveren "
    "Hulahop Stjernen Kastanjen Myretuen Bakkebo Skovly Fjordblik Møllen Tusindfryd Havblik "
    "Ankeret Fristedet Drivhuset Perlen Rosengården Bøgehøj Elverhøj Kernehuset Vindrosen"
).split()
_MONTHS: Final = (
    "januar februar marts april maj juni juli august september oktober november december "
    "jan. feb. mar. apr. jun. jul. aug. sep. okt. nov. dec."
).split()
_FEASTS: Final = (
    "nytårsdag|juleaften|grundlovsdag|sankthansaften|Sankt Hans aften|midsommer|Mortensaften"
    "|fastelavn|skuddag|nytårsaften|1. juledag|kyndelmisse|påskelørdag|valdemarsdag"
    "|helligtrekongers"
).split("|")
_WORDS: Final = (
    "to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten "
    "nitten tyve enogtyve femogtredive fyrre toogtres treoghalvfjerds firs niogfirs halvfems"
).split()
_ORDINALS: Final = "første anden tredje fjerde femte sjette syvende ottende niende tiende".split()
_NICKS: Final = (
    "Bøffen Lokomotivet Pølse Skipper Tarzan Rotten Smukke Jokeren Onkel Kaptajnen Spejder "
    "Kongen Bamse Tudse Fister Profeten Bossen Ninja Viking Skægget"
).split()


class Blanks:
    """Fills blanks."""

    def __init__(self, vary: Augmentation, rng: random.Random) -> None:
        self._vary = vary
        self._rng = rng

    def elsewhere(self, sentence: Sentence) -> Sentence:
        """With other organisations, most of them."""
        words: list[str] = []
        labels: list[str] = []
        replaced = False
        for word, label in zip(sentence.words, sentence.labels, strict=True):
            if label == f"B-{Kind.ORGANISATION}":
                replaced = self._rng.random() < 0.7
                if replaced:
                    tokens = TOKEN.findall(self._org())
                    words += tokens
                    labels += [label, *[f"I-{Kind.ORGANISATION}"] * (len(tokens) - 1)]
            if not (replaced and label.endswith(Kind.ORGANISATION)):
                words.append(word)
                labels.append(label)
        return Sentence(words, labels)

    def fill(self, blank: str) -> str:
        """What stands in the place of the blank of this name."""
        return str(getattr(self, f"_{blank}")())

    def _first(self) -> str:
        return self._vary.first_name()

    def _name(self) -> str:
        rng = self._rng
        middle = rng.choice(("", "", "", f" {self._vary.last_name()}", f" {self._letter()}."))
        return f"{self._vary.first_name()}{middle} {self._vary.last_name()}"

    def _caps(self) -> str:
        return self._vary.last_name().upper() if self._rng.random() < 0.5 else self._name().upper()

    def _listed(self) -> str:
        name = f"{self._vary.last_name()}, {self._vary.first_name()}"
        return name.upper() if self._rng.random() < 0.4 else name

    def _letter(self) -> str:
        return self._rng.choice("ABCDEFGHIJKLMNOPRSTUVW")

    def _initials(self) -> str:
        letters = "".join(self._letter() for _ in range(self._rng.choice((2, 3, 3, 4))))
        return self._rng.choice((letters, letters, letters.lower(), letters.capitalize()))

    def _nick(self) -> str:
        return self._rng.choice(_NICKS)

    def _thing(self) -> str:
        draws = (self._rng.choice(_THINGS), self._vary.street().rsplit(" ", 1)[0])
        return self._rng.choice(draws)

    def _org(self) -> str:
        rng = self._rng
        return rng.choice(
            (
                lambda: f"{rng.choice(_SORTS)} {self._thing()}",
                lambda: f"{rng.choice(_SORTS)} {self._thing()}",
                lambda: (
                    f"{rng.choice(_SORTS)} {rng.choice(('ved', 'på', 'i'))} {self._vary.street()}"
                ),
                lambda: f"{self._thing()} {rng.choice(_ENDS)}",
                lambda: f"{self._vary.last_name()}s {rng.choice(_ENDS)}",
                lambda: f"{self._vary.last_name()} & {self._vary.last_name()} {rng.choice(_ENDS)}",
                lambda: f"{rng.choice(_SORTS).lower()} {self._thing()}",
                self._thing,
                lambda: f"{self._thing()}, stue {rng.choice(('Blå', 'Rød', 'Gul', '2'))}",
            )
        )()

    def _street(self) -> str:
        return self._vary.street()

    def _house(self) -> str:
        number = self._rng.randint(1, 120)
        return self._rng.choice((f"nr. {number}", f"nr. {number} B", f"nummer {number}"))

    def _address(self) -> str:
        rng = self._rng
        house = f"{rng.randint(1, 180)}{rng.choice(('', '', '', 'A', ' B', ' c'))}"
        unit = rng.choice(
            ("", "", "", ", 1. tv.", ", st. th.", ", 2. sal", ", st. 3", " 4 tv", ", vær. 311")
        )
        town = rng.choice(("", f", {rng.randint(1000, 9990)} {self._vary.place()}"))
        return f"{self._vary.street()} {house}{unit}{town}"

    def _day(self) -> str:
        rng = self._rng
        day, month = rng.randint(1, 31), rng.randint(1, 12)
        return rng.choice(
            (
                f"{day}. {rng.choice(_MONTHS)}",
                f"{day}/{month}",
                f"den {day}. {rng.choice(_MONTHS)}",
                f"{day}.{month}.",
                rng.choice(_FEASTS),
                f"den {rng.choice(_ORDINALS)} i {rng.choice(_ORDINALS)}",
            )
        )

    def _born(self) -> str:
        rng = self._rng
        day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1928, 2024)
        short = f"{year % 100:02d}"
        sign = rng.choice(".-/")
        return rng.choice(
            (
                f"{day}. {rng.choice(_MONTHS)} {year}",
                f"{day}. {rng.choice(_MONTHS)} {short}",
                f"{day:02d}{sign}{month:02d}{sign}{year}",
                f"{day}{sign}{month}{sign}{short}",
                f"{day}/{month} {year}",
                f"{day}/{month}-{short}",
                f"{year}-{month:02d}-{day:02d}",
                f"{rng.choice(_FEASTS)} {year}",
                f"{rng.choice(_ORDINALS)} i {rng.choice(_ORDINALS)} {rng.choice(_WORDS)}",
                f"{rng.choice(_ORDINALS)} {rng.choice(_MONTHS[:12])} {rng.choice(_WORDS)}",
                f"i {rng.choice(_MONTHS[:12])} {year}",
            )
        )

    def _age(self) -> str:
        rng = self._rng
        return rng.choice((str(rng.randint(1, 97)), str(rng.randint(1, 97)), rng.choice(_WORDS)))

    def _years(self) -> str:
        rng = self._rng
        months = f"{rng.randint(2, 23)} {rng.choice(('mdr.', 'måneder'))}"
        return rng.choice(
            (f"{self._age()} år", f"{self._age()} år", months, f"{self._age()} år gammel")
        )

    def _digits(self, low: int, high: int) -> str:
        return "".join(self._rng.choice("0123456789") for _ in range(self._rng.randint(low, high)))

    def _number(self) -> str:
        return self._rng.choice((self._digits(5, 9), f"{self._digits(2, 4)}-{self._digits(3, 6)}"))

    def _account(self) -> str:
        gap = self._rng.choice((" ", "-", " konto ", " "))
        return f"{self._digits(4, 4)}{gap}{self._digits(6, 10)}"

    def _paper(self) -> str:
        letters = "".join(self._letter() for _ in range(self._rng.choice((0, 1, 2, 3))))
        return f"{letters}{self._rng.choice(('', ' '))}{self._digits(6, 9)}"

    def _case(self) -> str:
        year = self._rng.choice(("24", "25", "2024", "2025", "26"))
        letters = "".join(self._letter() for _ in range(self._rng.choice((0, 1, 2, 3))))
        return f"{letters}{'-' if letters else ''}{year}-{self._digits(4, 6)}"

    def _device(self) -> str:
        letters = "".join(self._letter() for _ in range(3))
        return f"{letters}-{letters[:2]}{self._digits(2, 5)}-{self._digits(3, 8)}"
