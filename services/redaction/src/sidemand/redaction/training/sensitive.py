"""Invented statements of articles 9 and 10 of the GDPR, and sentences that carry them.

The statements are written for this training. A statement stands in a sentence about somebody, and
the words of all statements make the lexicon by which other statements are recognised.
"""

import random
from collections.abc import Iterator
from typing import Final

from sidemand.redaction.reading import TOKEN
from sidemand.redaction.spans import Kind
from sidemand.redaction.training.augmentation import Augmentation
from sidemand.redaction.training.corpora import Sentence

HAS: Final = "has"
DOES: Final = "does"
IS: Final = "is"

STATEMENTS: Final[dict[Kind, dict[str, str]]] = {
    Kind.HEALTH: {
        HAS: "diabetes|type 2-diabetes|sukkersyge|sklerose|epilepsi|KOL|astma|gigt|leddegigt|"
        "slidgigt i hofterne"
        "|slidgigt i knæene|ondt i ryggen|kroniske smerter|migræne|hovedpine hver dag|angst|"
        "social angst"
        "|panikangst|depression|en svær depression|PTSD|ADHD|ADD|autisme|infantil autisme|"
        "Aspergers syndrom"
        "|skizofreni|bipolar lidelse|OCD|borderline|en spiseforstyrrelse|anoreksi|demens|"
        "begyndende demens"
        "|Alzheimers|Parkinsons|kræft|brystkræft|lungekræft|prostatakræft|leukæmi|en hjerneskade"
        "|følger efter blodprop|en blodprop i hjernen|hjerteflimmer|forhøjet blodtryk|"
        "hjertesvigt|nedsat syn"
        "|nedsat hørelse|tinnitus|grå stær|dialyse tre gange om ugen|dårlige nyrer|"
        "leverbetændelse|hiv"
        "|hepatitis C|psoriasis|eksem|en diskusprolaps|piskesmæld|fibromyalgi|et brækket ben|"
        "brækket hoften"
        "|stomi|kateter|liggesår|sår på benet|søvnproblemer|selvmordstanker|hørt stemmer|"
        "vrangforestillinger"
        "|Downs syndrom|cerebral parese|spastisk lammelse|muskelsvind|cystisk fibrose|"
        "cøliaki|allergi"
        "|taget på i vægt efter medicinen|fået medicin mod angst|fået diagnosen stress|aborteret",
        DOES: "tager Sertralin|tager Metformin|tager antidepressiv medicin|får morfin|får insulin|"
        "får Ritalin"
        "|får sovepiller|går til psykolog|går til psykiater|er indlagt på psykiatrisk|har "
        "været indlagt"
        "|er lige blevet opereret|skal opereres i knæet|er sygemeldt med stress|er "
        "langtidssygemeldt"
        "|sover dårligt|sover ikke om natten|kan ikke gå|kan ikke huske|glemmer at spise|falder tit"
        "|er faldet tre gange|bruger rollator|bruger kørestol|bruger høreapparat|bruger ble|"
        "er inkontinent"
        "|er blind|er døv|er sengeliggende|er terminal|er gravid|venter tvillinger|skærer i "
        "sig selv"
        "|har forsøgt selvmord|vejer 46 kg|har tabt sig 12 kg|ryster på hænderne|taler med "
        "folk der ikke er der"
        "|hører stemmer|ser syner|er dement|er psykisk syg|er udviklingshæmmet|har det skidt "
        "psykisk"
        "|er i kemo|får stråler|er i dialyse|er kørt på skadestuen|har feber og hoster|"
        "kaster op hver morgen",
        IS: "diabetiker|astmatiker|epileptiker|kronisk syg|psykisk sårbar|spastiker|ordblind|"
        "døvblind|overvægtig",
    },
    Kind.SOCIAL: {
        HAS: "gæld|gæld til inkasso|gæld i RKI|spillegæld|huslejerestance|et misbrug|et "
        "alkoholmisbrug|et hashmisbrug"
        "|et stofmisbrug|et spilleproblem|ingen bolig|ingen penge til mad|været hjemløs|"
        "været anbragt"
        "|været anbragt som barn|været i plejefamilie|været udsat for vold|været udsat for overgreb"
        "|været udsat for incest|levet i et voldeligt forhold|en voldelig mand|mistet sit "
        "job og sin lejlighed",
        DOES: "drikker|drikker hver dag|drikker for meget|drikker sig fuld|er alkoholiker|ryger "
        "hash|tager kokain"
        "|tager stoffer|er på metadon|sniffer lim|spiller på nettet for alle pengene|spiller "
        "pengene op"
        "|skylder penge væk|skylder husleje|kan ikke betale huslejen|er sat ud af "
        "lejligheden|er blevet sat ud"
        "|er hjemløs|bor på gaden|bor på herberg|sover på en sofa hos venner|sover i sin bil|"
        "sover i en opgang"
        "|bliver slået|bliver slået derhjemme|slår sine børn|slår hende|råber ad børnene|"
        "låser børnene inde"
        "|er bange for sin mand|er bange for sin far|er flygtet fra sin mand|bor på krisecenter"
        "|får ikke mad nok|møder sulten i skole|har ikke vasket tøj i uger|samler på affald|"
        "er i Ribers"
        "|er anmeldt til kommunen for vanrøgt|bliver kontrolleret af sin kæreste|må ikke gå "
        "ud alene"
        "|er udsat for social kontrol|er lovet væk til en fætter|er prostitueret|sælger sig "
        "selv|lugter af øl"
        "|er skilt og bor i en campingvogn|har ingen at tale med|isolerer sig på værelset|"
        "kommer ikke i skole",
        IS: "hjemløs|misbruger|alkoholiker|narkoman|ludoman|forgældet|tvangsgift|voldsramt|anbragt",
    },
    Kind.CRIME: {
        HAS: "en dom for vold|en betinget dom|en dom for røveri|en plettet straffeattest|siddet i "
        "fængsel"
        "|siddet inde|afsonet seks måneder|fået en bøde|fået en bøde for at køre for stærkt|"
        "været i arresten"
        "|stjålet|stjålet en cykel|solgt hash|solgt stoffer|truet en medarbejder|slået en "
        "betjent|brudt sit tilhold"
        "|et polititilhold|begået indbrud|begået hærværk|begået socialt bedrageri|været "
        "varetægtsfængslet",
        DOES: "er dømt for vold|er dømt for voldtægt|er dømt for tyveri|er sigtet for vold|er "
        "sigtet for røveri"
        "|er tiltalt for bedrageri|er anholdt|er blevet anholdt|afsoner en dom|afsoner med "
        "fodlænke|sidder i fængsel"
        "|sidder inde|sidder varetægtsfængslet|er prøveløsladt|er løsladt i maj|er i banden|"
        "er med i en bande"
        "|sælger hash|sælger stoffer|stjæler fra butikker|er taget i butikstyveri|kørte uden "
        "kørekort"
        "|kørte spirituskørsel|er frataget kørekortet|har stukket en med kniv|har overfaldet "
        "sin nabo"
        "|er politianmeldt|er meldt til politiet|er anmeldt for bedrageri|har en retssag for vold",
        IS: "straffet|tidligere straffet|kriminel|bandemedlem|løsladt|sigtet|dømt",
    },
    Kind.RELIGION: {
        HAS: "skiftet tro|forladt Jehovas Vidner|meldt sig ud af folkekirken|fået lov at bede i "
        "pausen|tørklæde på",
        DOES: "går i kirke hver søndag|går i moskeen om fredagen|går i synagogen|beder fem gange "
        "om dagen"
        "|faster under ramadan|holder ramadan|spiser ikke svinekød|spiser halal|spiser "
        "kosher|fejrer ikke jul"
        "|fejrer eid|går til koranskole|er medlem af Jehovas Vidner|er medlem af en frikirke|"
        "er med i Indre Mission"
        "|tror på Allah|er døbt i Pinsekirken|er konfirmeret|er udmeldt af folkekirken|læser "
        "i Koranen"
        "|bærer tørklæde|bærer hijab|vil ikke have blod på grund af sin tro|er aktiv i menigheden",
        IS: "muslim|shiamuslim|sunnimuslim|kristen|katolik|jøde|hindu|buddhist|sikh|ateist|"
        "mormon|baptist|ortodoks"
        "|adventist|koptisk kristen|troende|praktiserende katolik|praktiserende muslim|"
        "alevit|yezidi|druser",
    },
    Kind.ETHNICITY: {
        HAS: "kurdiske rødder|somalisk baggrund|romabaggrund|grønlandsk mor|tyrkiske forældre|"
        "jødisk slægt|mørk hud",
        DOES: "er af anden etnisk baggrund|er af somalisk oprindelse|er af tyrkisk afstamning|er "
        "født i Syrien"
        "|kommer fra en kurdisk familie|er adopteret fra Korea|er statsløs palæstinenser|"
        "taler kurdisk derhjemme",
        IS: "kurder|somalier|tyrker|palæstinenser|rom|romaer|sigøjner|grønlænder|inuit|same|"
        "færing|tamil|hazara"
        "|tjetjener|bosniak|arameer|assyrer|araber|berber|afghaner|perser|pashtun|tatar|"
        "samisk|grønlandsk|sinti",
    },
    Kind.SEXUALITY: {
        HAS: "en kæreste af samme køn|en kone (hun er kvinde)|sprunget ud|sprunget ud som bøsse|"
        "fået ny kønsidentitet",
        DOES: "er gift med en mand, og han er selv mand|er til mænd|er til kvinder|er til begge "
        "køn|bor med sin kæreste Lars, de er bøsser"
        "|er sprunget ud som lesbisk|er i gang med kønsskifte|får hormoner som led i "
        "kønsskifte|vil kaldes hen"
        "|kan lide fyre|kan lide piger, siger hun|er på Grindr|køber sex|har solgt sex",
        IS: "homoseksuel|bøsse|lesbisk|biseksuel|transkønnet|transkvinde|transmand|ikke-binær|"
        "aseksuel|queer|gay",
    },
    Kind.POLITICS: {
        HAS: "stillet op til kommunalvalget for Venstre|stemt på Enhedslisten|siddet i byrådet "
        "for SF|et medlemskab af Alternativet",
        DOES: "stemmer på Socialdemokratiet|stemmer på Dansk Folkeparti|er medlem af Venstre|er "
        "medlem af Enhedslisten"
        "|er aktiv i Radikale Venstre|er kandidat for Liberal Alliance|er opstillet for De "
        "Konservative"
        "|sidder i bestyrelsen for den lokale SF-afdeling|deler løbesedler ud for Nye "
        "Borgerlige|går til møder i Nordfront"
        "|er formand for vælgerforeningen|er aktiv i DSU|demonstrerer med Extinction "
        "Rebellion|er medlem af Moderaterne",
        IS: "kommunist|socialdemokrat|venstremand|konservativ|anarkist|nazist|højreradikal|"
        "socialist|radikal|liberal",
    },
    Kind.UNION: {
        HAS: "været tillidsmand|fået hjælp af sin fagforening|været medlem af 3F i tyve år|bedt "
        "HK om hjælp",
        DOES: "er medlem af 3F|er medlem af FOA|er medlem af HK|er medlem af Dansk Metal|er medlem "
        "af BUPL"
        "|er tillidsmand for 3F|er tillidsrepræsentant i FOA|er valgt i Dansk Sygeplejeråd|"
        "er i Krifa"
        "|er organiseret i Danmarks Lærerforening|sidder i bestyrelsen for HK Kommunal|"
        "strejkede med NNF"
        "|er arbejdsmiljørepræsentant valgt af FOA|har meldt sig ind i fagforeningen|er "
        "medlem af Djøf|er i PROSA",
        IS: "tillidsmand|tillidsrepræsentant|fællestillidsmand|fagforeningsmand|3F'er|HK'er|"
        "medlem af en fagforening",
    },
}

_CARRIERS: Final[dict[str, tuple[str, ...]]] = {
    HAS: (
        "{who} har {it}.",
        "{who} har haft {it}, og det er svært for familien.",
        "{first} fortæller, at {pron} har {it}.",
        "Oplyst: {first} har {it} og bor alene.",
        "min mand har {it} så han kan ikke komme",
        "jeg har {it} og kan ikke klare mere",
        "Diagnoser: {it}, {it}",
        "Helbred: {it}. Medicin udleveres.",
        "På grund af {it} kan {pron} ikke arbejde fuld tid.",
        "Barnet har {it}, og skolen er orienteret.",
    ),
    DOES: (
        "{who} {it}.",
        "{first} {it}, og det har stået på længe.",
        "Naboen siger, at {pron} {it}.",
        "det er fordi {pron} {it} og ingen gør noget",
        "Mor {it}. Far vil ikke tale om det.",
        "jeg er bange for at han {it}",
        "{first} siger, at {pron} {it}, men vil ikke have hjælp.",
    ),
    IS: (
        "{who} er {it}.",
        "{first} er {it} og vil gerne møde andre.",
        "Hun er {it}, oplyser {first}.",
        "som {it} føler jeg mig ikke set",
        "{first}, der er {it}, ønsker en anden kontaktperson.",
    ),
}
_WHO: Final = (
    "Han|Hun|Borgeren|Sønnen|Datteren|Mor|Far|Patienten|Ansøger|Barnet|Faderen|Moderen".split("|")
)
_DRAWS: Final = 2500

GENERAL: Final = r"""
Borgere med demens, KOL eller sklerose kan få støtte efter servicelovens § 112.
Kommunen tilbyder behandling for alkoholmisbrug, jf. sundhedslovens § 141.
Kurset handler om angst, depression og stress. Der er plads til 20 deltagere.
Voldsramte kvinder kan få ophold på et krisecenter efter § 109.
Vi har åbent for alle, uanset religion og politisk overbevisning.
Hjemløse kan henvende sig på herberget døgnet rundt.
Fagforeninger og arbejdsgivere er inviteret til dialogmødet i maj.
Straffeattesten skal være højst tre måneder gammel.
Kirken er åben mandag til fredag kl. 10-14, og koncerten er gratis.
Partierne i byrådet drøftede budgettet. Venstre og SF stemte imod.
Sygehuset har flyttet ambulatoriet til bygning 4.
Han ringer igen i morgen og vil gerne have svar på ansøgningen om bolig.
Hun har været til møde i jobcentret og skal i praktik fra uge 14.
Borgeren har søgt om boligstøtte og har sendt lejekontrakten.
Medarbejderen har talt med forældrene, og mødet er flyttet til torsdag.
Moderen er orienteret om afgørelsen og har fået en klagevejledning.
""".strip().split("\n")
"""About nobody in particular, or about nothing sensitive."""


def lexicon() -> Iterator[tuple[str, Kind]]:
    """The words of all statements that say something by themselves."""
    for kind, forms in STATEMENTS.items():
        for statements in forms.values():
            for word in TOKEN.findall(statements.lower()):
                if len(word) > 2 and word.isalpha() and word not in _SMALL_WORDS:
                    yield word, kind


_SMALL_WORDS: Final = frozenset(
    "har været bliver blevet ikke som til med for sin sit sine den det der han hun hen "
    "jeg alle hver "
    "dag efter under fra hos ved over ind ud fået får går kan skal vil må lige meget "
    "mange seks tre "
    "ugen natten venner folk begge samme samtidig som tit taler tager bruger sidder selv "
    "siger leder "
    "job lejlighed hjælp langt lov pausen lars tyve stillet stemt stemmer kommer gang "
    "maj pengene".split()
)


def statements(vary: Augmentation, seed: int) -> Iterator[Sentence]:
    """Sentences with a statement each, marked by its kind, and sentences without one."""
    rng = random.Random(seed)
    kinds = list(STATEMENTS)
    for index in range(_DRAWS):
        kind = rng.choice((*kinds, Kind.HEALTH, Kind.SOCIAL, Kind.CRIME, Kind.SOCIAL))
        form = rng.choice(list(STATEMENTS[kind]))
        sentence = _sentence(rng, vary, kind, form)
        yield vary.lowered(sentence) if index % 4 == 3 else sentence
    for text in GENERAL:
        words = TOKEN.findall(text)
        yield from [Sentence(words, ["O"] * len(words))] * 6


def _sentence(rng: random.Random, vary: Augmentation, kind: Kind, form: str) -> Sentence:
    words: list[str] = []
    labels: list[str] = []
    carrier = rng.choice(_CARRIERS[form])
    carrier = carrier.replace("{who}", rng.choice(_WHO)).replace("{first}", vary.first_name())
    carrier = carrier.replace("{pron}", rng.choice(("han", "hun")))
    for index, piece in enumerate(carrier.split("{it}")):
        if index:
            tokens = TOKEN.findall(rng.choice(STATEMENTS[kind][form].split("|")))
            words += tokens
            labels += [f"{'I' if at else 'B'}-{kind}" for at in range(len(tokens))]
        tokens = TOKEN.findall(piece)
        words += tokens
        labels += ["O"] * len(tokens)
    return Sentence(words, labels)
