"""Invented sentences with blanks, as municipal texts are written: more context than texts alone.

Each blank is filled from the lists of names and streets, or made up, and marked. What stands
between is ordinary text. The sentences are written for this training; nobody is meant.
"""

import random
import re
from collections.abc import Iterator, Sequence
from typing import Final

from sidemand.redaction.reading import TOKEN
from sidemand.redaction.spans import Kind
from sidemand.redaction.training.augmentation import Augmentation
from sidemand.redaction.training.blanks import Blanks
from sidemand.redaction.training.corpora import Sentence

_BLANK: Final = re.compile(r"\{(\w+)\}")
_LABELS: Final = {
    **dict.fromkeys(("name", "first", "caps", "listed", "initials", "nick"), Kind.PERSON),
    **dict.fromkeys(("short", "letter"), Kind.PERSON),
    "org": Kind.ORGANISATION,
    **dict.fromkeys(("address", "street", "house", "dictated"), Kind.ADDRESS),
    **dict.fromkeys(("born", "day"), Kind.BIRTH_DATE),
    **dict.fromkeys(("age", "years"), Kind.AGE),
    **dict.fromkeys(("number", "account", "paper", "case", "device", "plate"), Kind.NUMBER),
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
Emne: SV: VS: Handleplan – {short}\n\nKære kollega
Fra: {initials}\nTil: {initials}\nEmne: {short}
Til: {initials}, {initials}\nCc: {short}\nVedr.: møde om {first}
Fotos 1-14 ligger i mappen, {initials}.
Hr. {letter} faldt i går, og fru {letter} hjalp ham op.
{short}: nej det kan jeg ikke\n{short}: hvorfor ikke
Deltog: {short}, {short} og {short}. Ordstyrer: {short}.
[x] Mor {name}, {number}\n[x] Far {name}, {number}
Søster {first}, bror {first} og moster {first} kommer til mødet.
{first} har i en mail skrevet, at {first} ikke vil møde {name}.
nabo {name} siger at {first} råber om natten og at {first} græder
i nat stod {first} nede i gården og {first} ringede til politiet
familien {name} det staves med to l punktum komma mor hedder {first}
han bor på {dictated} punktum ny linje hun hedder {name}
adressen er {dictated} og telefonen har {first}
notat dikteret af {name} punktum borger {name} bor {dictated}
{first} bor i {house}, og i {house} bor {first}s mor.
Nu er der flyttet en mand ind i {house}, som hedder {first}.
Jeg træffes på {street} om formiddagen, ellers hos {first} i {org}.
Hun bor i {org}, {address}, med sine to børn på {age} og {age}.
Tvillingerne fylder {age} på lørdag. Den ældste er {age}.
Min mor {first} på {age} og min far på {age} bor her også.
My son {first} turns {age} in May. His birthday is {born}.
{first} er altså {age}, selv om passet siger {born}.
På papiret står der {born}, men {first} er født {born}.
Bilen er en Golf, {plate}, og {first} har en traktor, {plate}.
To varevogne, {plate} og {plate} (polsk), holder ved {address}.
Computeren hedder {device}, og {first} har koden.
Ansat i {org} siden 2015. Har før været på {org} og i {org}.
Tidligere arbejdsgivere: {org}, {org}. Nu på barsel fra {org}.
Henvist fra {org} til {org}. Kontakt: {name}.
Skoleønske: 1) {org} 2) {org}\nNuværende: {org}
Virksomhed: {org}\nKontaktperson: {name}
Han spiller i {org} og er frivillig i {org}.
hun arbejder i {org} og jeg i {org} ved havnen
"{org}" har lukket, og {first} står uden arbejde.
Pengene kommer fra {org}, hvor {name} er formand.
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
Felt | Udfyldt af borger\nBopæl | Ejerbolig\nHjemmeboende børn | 2
Lb.nr. | Navn | Personnr. | Konto | Beløb | Fejlkode
Vogn: Sprinter. Turnr. 7. Takst efter aftale. Rute 4: Rådhus – Station – Havn
Mvh\nBorgerservice\nTlf. hverdage 10-14
Att.: Ydelseskontoret. Cc: Jobcenter. VS: SV: Re: Indkaldelse
Bilen er en Kia, en Skoda Fabia, en Toyota Yaris, en Berlingo eller en gammel Volvo.
Hans hus er sat til salg, og hans post ligger i kassen. Hans nummer kender jeg ikke.
Andre oplysninger: ingen. Øvrige bemærkninger: se bilag 2. Begrundelse: følger.
MitID, NemKonto, Aula, e-Boks, Digital Post, Cura og KMD Nexus er nede søndag.
SSP, PPR, PPV, BUP, WISC-V og ASI er forkortelser. BFE og IBAN er numre.
Passport, birth certificate and tenancy agreement must be shown at the desk.
Dødsdato: ukendt. Boet er sluttet. Værge: ingen. Ægtefælle: ja. Bopæl: samme.
Kolonihaven, Sommerhuset, Carporten, Baalhytten og Legepladsen er fælles.
Webinaret er gratis. Referatet følger. Næste webinar er i uge 34.
Mester siger i telefonen, at doktoren har ringet, og at mor er på vej.
Bibliotekarerne, Pædagogerne, Terapeuterne og Sagsbehandlerne mødes kl. 9.
Kl. 07.12 afgang, kl. 07.20 ankomst, kl. 07.31 port 3, kl. 08.15 pause.
| Kl. | Opgave |\n| 08.15 | Bad |\n| 08.30 | Indkøb |\n| 09.00 | Gåtur |
Hunden er en schæfer, og katten er væk. Ni katte, otte høns og en jolle.
Ungdomsboligerne, Ældreboligerne og Rækkehusene får nye døre.
""".strip().split("\n")
"""Sentences in which nobody is named; `Hans` is a pronoun here, and Emma a product."""

_DRAWS: Final = 16
_ILLNESSES: Final = 300


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


def of_illness(illnesses: Sequence[str], seed: int) -> Iterator[Sentence]:
    """Names of illnesses and medicine, in small letters, where names of persons stand too."""
    rng = random.Random(seed)
    for _ in range(_ILLNESSES):
        drawn = (rng.choice(illnesses) for _ in range(4))
        one, two, three, four = (w.capitalize() if rng.random() < 0.6 else w for w in drawn)
        text = rng.choice(
            (
                f"{one}: behandles med {two} {rng.randint(5, 500)} mg. {three} er stoppet.",
                f"Diagnoser: 1) {one} 2) {two} 3) {three}\n\n{four}: intet nyt.",
                f"{one} og {two} kan give {three}. {four} kontrolleres af lægen.",
                f"Får {one} morgen og {two} aften. Har haft {three}.\n{four}",
            )
        )
        words = TOKEN.findall(text)
        yield Sentence(words, ["O"] * len(words))


def _sentence(phrase: str, blanks: Blanks) -> Sentence:
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
