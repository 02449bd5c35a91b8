"""Fills the blanks of invented sentences: names, addresses, organisations, dates, numbers."""

import random
from collections.abc import Callable
from typing import Final

from sidemand.redaction.reading import TOKEN
from sidemand.redaction.spans import Kind
from sidemand.redaction.training.augmentation import Augmentation
from sidemand.redaction.training.corpora import Sentence
from sidemand.redaction.training.spoken_numbers import in_words

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
_ARTICLES: Final = ("Den", "Det", "Den", "De")
_SUCH: Final = "Grønne Blå Gamle Nye Glade Sultne Glemte Lille Store Hvide Tavse Skæve".split()
_NOUNS: Final = (
    "Dør Hus Ulv Boghandel Kok Heste Måge Sofa Have Cykel Gryde Spade Kælder Butik Fisk Blomster "
    "Køkken Møbler Grise Islændere Værksted Sprogcafé Friluftsgruppe Lagersalg Redningshus"
).split()
_WARDS: Final = "Sygehus Psykiatri Hospital Lægehus Sundhedshus Rehabiliteringscenter".split()
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
        sorts: tuple[Callable[[], str], ...] = (
            *self._rarer_orgs(),
            lambda: f"{rng.choice(_SORTS)} {self._thing()}",
            lambda: f"{rng.choice(_SORTS)} {self._thing()}",
            lambda: f"{rng.choice(_SORTS)} {rng.choice(('ved', 'på', 'i'))} {self._vary.street()}",
            lambda: f"{self._thing()} {rng.choice(_ENDS)}",
            lambda: f"{self._vary.last_name()}s {rng.choice(_ENDS)}",
            lambda: f"{self._vary.last_name()} & {self._vary.last_name()} {rng.choice(_ENDS)}",
            lambda: f"{rng.choice(_SORTS).lower()} {self._thing()}",
            self._thing,
            lambda: f"{self._thing()}, stue {rng.choice(('Blå', 'Rød', 'Gul', '2'))}",
        )
        return rng.choice(sorts)()

    def _rarer_orgs(self) -> tuple[Callable[[], str], ...]:
        rng, vary = self._rng, self._vary
        return (
            lambda: f"{rng.choice(_ARTICLES)} {rng.choice(_SUCH)} {rng.choice(_NOUNS)}",
            lambda: (
                f"{rng.choice(_SORTS).lower()} {rng.choice(_ARTICLES)} {rng.choice(_SUCH)}"
                f" {rng.choice(_NOUNS)}"
            ),
            lambda: f"{vary.place()} {rng.choice(_ENDS)}",
            lambda: f"{rng.choice(_SORTS)} i {vary.place()}",
            lambda: f'{rng.choice(_SORTS)} "{self._thing()}"',
            lambda: f"{rng.choice(('Østre', 'Nordre', 'Søndre', 'Vestre'))} {rng.choice(_ENDS)}",
            lambda: f"afd. {self._letter()}, {vary.place()} {rng.choice(_WARDS)}",
            lambda: f"{self._thing()}{rng.choice(('skolen', 'huset', 'klubben', 'centret'))}",
            lambda: f"{vary.last_name()}s {rng.choice(_NOUNS)}",
        )

    def _short(self) -> str:
        first, last = self._vary.first_name(), self._vary.last_name()
        shorter = (f"{first[0]}. {last}", f"{first} {last[0]}.", f"{first} {last[0]}")
        return self._rng.choice((*shorter, f"{first[0]}.{last[0]}. {self._vary.last_name()}"))

    def _dictated(self) -> str:
        house = " ".join(in_words(self._rng.randint(1, 199)))
        town = self._rng.choice(("", f" i {self._vary.place()}", f" {self._vary.place()}"))
        unit = self._rng.choice(("", "", " første til venstre", " anden th", " stuen", " litra b"))
        return f"{self._vary.street()} {house}{unit}{town}".lower()

    def _plate(self) -> str:
        letters = self._letter() + self._letter()
        number = self._digits(5, 5)
        return self._rng.choice(
            (
                f"{letters} {number[:2]} {number[2:]}",
                f"{letters}{number}",
                f"{letters}{self._letter()} {number}",
                f"{self._letter()} {number[:3]} {letters}{self._letter()}",
                f"{letters.lower()} {number[:2]} {number[2:]}",
            )
        )

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
        if self._rng.random() < 0.4:
            office = "".join(self._letter() for _ in range(3))
            return f"{letters}-{office}-PC{self._digits(1, 3)}"
        return f"{letters}-{letters[:2]}{self._digits(2, 5)}-{self._digits(3, 8)}"
