"""What ingestion answers when it does not accept something, in plain Danish.

Every text says what is wrong and what to do. None repeats anything of the event, because
anything in it may be about a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sidemand.ingestion.ports import RejectedRecord
from sidemand.ingestion.readers import LARGEST_FILE, LONGEST_TEXT, Fault
from sidemand.schemas.casework import RefusalCode


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not accepted, and what its sender can do."""

    code: RefusalCode
    explanation: str
    remedy: str

    @property
    def reason(self) -> str:
        """Both in one text, for receipts."""
        return f"{self.explanation} {self.remedy}"


UNKNOWN_TENANT: Final = Refusal(
    "unknown_tenant",
    "Kommunen er ikke tilmeldt Sidemand.",
    "Bed driften om at skrive kommunen ind i registret over tilmeldte kommuner, og send igen.",
)
UNKNOWN_KLE: Final = Refusal(
    "unknown_kle",
    "Sagens emne er ikke et KLE-nummer.",
    "Skriv emnet i feltet facts.kle med to cifre mellem punktummerne, for eksempel 27.36.04, "
    "og send hændelsen igen.",
)
NO_LEGAL_BASIS: Final = Refusal(
    "no_legal_basis",
    "Kommunens hjemmelsregister giver ikke lov til at bruge oplysninger til det formål i sager "
    "med det emne.",
    "Ret formålet, hvis det er forkert. Er det rigtigt, må kommunens jurister tage stilling og "
    "skrive det i registret, før hændelsen sendes igen.",
)
CONFLICT: Final = Refusal(
    "conflict",
    "Der er før modtaget en hændelse med samme kilde og id, men med et andet indhold.",
    "Send rettelsen som en ny hændelse med sit eget id. Den første hændelse gælder stadig.",
)
ERASED_CASE: Final = Refusal(
    "erased_case",
    "Sagen er slettet efter besked fra fagsystemet, og en slettet sag bliver ved med at være det.",
    "Stop med at sende hændelser på sagen. Er den slettet ved en fejl, så opret den under et nyt "
    "sags-id.",
)
OTHER_TENANT: Final = Refusal(
    "tenant_mismatch",
    "Hændelsen nævner en anden kommune end den, som emnet på Kafka tilhører.",
    "Send hændelsen på kommunens eget emne, og lad nøgle, ce_tenant og indhold nævne samme "
    "kommune.",
)

_SEND_AGAIN: Final = "og send igen."
_FAULTS: Final[Mapping[Fault, tuple[str, str]]] = {
    "too_large": (
        f"Filen fylder mere end {LARGEST_FILE // 1_000_000} MB eller har for mange sider.",
        f"Send kun den del, som sagen handler om, eller del filen, {_SEND_AGAIN}",
    ),
    "text_too_long": (
        f"Teksten er længere end {LONGEST_TEXT // 1_000_000} millioner tegn.",
        f"Del den i flere dokumenter, {_SEND_AGAIN}",
    ),
    "empty": (
        "Der er ingen tekst i dokumentet.",
        f"Se efter, om det rigtige dokument er vedlagt, {_SEND_AGAIN}",
    ),
    "too_tangled": (
        "Lister, citater eller HTML-koder står så dybt i hinanden, at teksten ikke kan læses.",
        f"Gem indholdet som ren tekst eller Word, {_SEND_AGAIN}",
    ),
    "not_text": (
        "Filen er ikke tekst, selv om den er sendt som tekst.",
        f"Ret media_type, så den passer til filen, eller gem filen som UTF-8, {_SEND_AGAIN}",
    ),
    "pdf_broken": (
        "PDF-filen kan ikke åbnes; den er beskadiget, eller den er ikke en PDF.",
        f"Åbn den selv, gem den igen som PDF, {_SEND_AGAIN}",
    ),
    "pdf_locked": (
        "PDF-filen er låst med en adgangskode.",
        f"Gem den uden adgangskode, {_SEND_AGAIN}",
    ),
    "pdf_without_text": (
        "PDF-filen er uden tekst; den er nok scannet.",
        f"Kør tekstgenkendelse (OCR) på den, eller skriv indholdet som et notat, {_SEND_AGAIN}",
    ),
    "docx_broken": (
        "Word-filen kan ikke åbnes; den er beskadiget, låst, eller den er ikke en DOCX.",
        f"Åbn den i Word, gem den igen som .docx uden adgangskode, {_SEND_AGAIN}",
    ),
    "docx_too_large": (
        "Word-filen er pakket ud for stor til at blive læst.",
        f"Tag billeder og bilag ud af den, {_SEND_AGAIN}",
    ),
    "missing": (
        "Filen, som der henvises til, ligger ikke i fillageret.",
        "Læg filen i lageret først, og send derefter igen.",
    ),
    "damaged": (
        "Filen i fillageret er ikke den, som der henvises til; størrelse eller SHA-256 er forkert.",
        f"Læg filen i lageret igen, ret henvisningen, {_SEND_AGAIN}",
    ),
    "foreign": (
        "Henvisningen til filen peger uden for sagens eller dokumentets egen plads i fillageret.",
        "Læg filen under content/kommune/id, og send igen med den sti.",
    ),
}
_REJECTIONS: Final[Mapping[str, str]] = {
    "not_json": "Indholdet er ikke JSON i UTF-8.",
    "empty_body": "Hændelsen er tom.",
    "bad_key": "Kafka-nøglen er ikke kommune|id.",
    "key_mismatch": "Kafka-nøglen nævner noget andet end indholdet.",
    "type_mismatch": "Headeren ce_type nævner en anden type end emnet på Kafka.",
    "bad_name": "Headeren ce_id eller ce_source har andre tegn end A-Z, a-z, 0-9 og . _ : / -.",
    "lost_body": "Det store indhold ligger ikke i fillageret, eller det er beskadiget.",
}
_CONTRACT: Final = (
    "Ret hændelsen efter kontrakten i docs/events.md, og send den igen. Den afviste ligger i "
    "dødbrevskøen."
)


def unreadable(fault: Fault) -> Refusal:
    """The refusal of content that cannot be read."""
    explanation, remedy = _FAULTS[fault]
    return Refusal("unreadable_content", explanation, remedy)


def rejection(rejected: RejectedRecord) -> Refusal:
    """The refusal of a record that is no event. The bus names fields and rules, never values."""
    if rejected.code == "tenant_mismatch":
        return OTHER_TENANT
    explanation = _REJECTIONS.get(rejected.code)
    if explanation is None:
        explanation = f"Hændelsen følger ikke kontrakten ({rejected.detail or rejected.code})."
    return Refusal("invalid_event", explanation, _CONTRACT)
