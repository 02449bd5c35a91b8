"""What is sent through the house: good events, floods of forms, and failures on purpose."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final

from sidemand.bus import headers
from sidemand.bus.publisher import Message
from sidemand.schemas import topics
from sidemand.schemas.casework import CaseFacts
from sidemand.schemas.envelope import Envelope
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgePublished
from sidemand.schemas.raw import CaseEvent, FeedbackGiven
from sidemand.schemas.text import Content

from .marks import CITIZEN_OF_MINUTES, HIDDEN, UNNAMED, ZELVINA

TENANT: Final = "storaadal"
NOW: Final = datetime(2026, 6, 2, tzinfo=UTC)
CASES: Final = tuple(CaseRef(tenant=TENANT, case_id=uuid.UUID(int=n)) for n in range(1, 6))
QUESTION: Final = (
    "Hvornår skal min genoptræning begynde efter sygehuset? Jeg blev udskrevet med en "
    "genoptræningsplan, og kommunen siger, at min første gang er om tre uger."
)
LETTER: Final = f"""# Brev fra {ZELVINA.name}

{QUESTION}

Zelvina Kvorndahl Brøndstrømsens cpr er 760352-9814, på kortet 760352 9814 og 76 03 52 - 98 14;
i arkivet står 760352–9814, 76\u200b0352\u00ad-9814 og ７６０３５２-９８１４. Fru Kvorndahl bor på
Troldegræsset 41, 4796 Storådal; ring 58639127, 58 63 91 27 eller +45 58 63 91 27, eller skriv til
ZELVINA@KVORNDAHL.EXAMPLE. brøndstrømsen har kontoen Reg. nr. 4821, konto 0007361925.

Naboen {UNNAMED}, cpr 770361-8827, tlf. 81 27 36 45, har set det hele. Frølingsens bil er
ZK 58 263. Obdulia Ravnsfjeldsen bor på Uglespringet 88, 2. tv, i Brohave, altså Uglespringet 88.
"""
MINUTES: Final = (
    f"Udvalget behandlede en klage over genoptræning fra {CITIZEN_OF_MINUTES} (780349-5548), "
    "Sivmosetoften 14, 4796 Storådal, tlf. 74 19 28 36. Klagen fik medhold. "
    "Genoptræning skal begynde senest syv dage efter udskrivningen fra sygehuset."
)


def good_events() -> Iterator[CaseEvent]:
    """As plain text, as HTML, and so long that it travels by claim check."""
    yield case_event(CASES[0], LETTER)
    yield case_event(CASES[0], f"Tillæg til brevet.\n\n{LETTER}")
    page = "<h1>Brev</h1>" + "".join(f"<p>{line}</p>" for line in LETTER.splitlines() if line)
    yield case_event(CASES[1], page, media_type="text/html")
    yield case_event(CASES[2], LETTER + "Vi venter stadig på svar fra sygehuset.\n" * 3500)


def refused_events() -> Iterator[CaseEvent]:
    """Without legal basis; with a subject that is none."""
    yield case_event(CASES[3], LETTER).model_copy(update={"purpose": "kreditvurdering"})
    facts = CaseFacts(kle="99.99.99", progress="Oplyst", sensitivity=4)
    yield case_event(CASES[3], LETTER).model_copy(update={"facts": facts})


def unredactable_events() -> Iterator[CaseEvent]:
    """What cannot be read with confidence is parked."""
    yield case_event(CASES[4], f"{ZELVINA.name} {'жалоба ' * 200}")


def feedback() -> Iterator[FeedbackGiven]:
    """A caseworker names everybody."""
    for comment in (LETTER, "Misforstået af Zelvina og Obdulia, som har 760352-9814."):
        yield FeedbackGiven(
            case=CASES[0],
            suggestion_id=uuid.UUID(int=9),
            revision=1,
            verdict="wrong",
            comment=comment,
            given_at=NOW,
        )


def minutes() -> KnowledgePublished:
    """A document of the municipality that names a private person."""
    return KnowledgePublished(
        document=DocumentRef(tenant=TENANT, document_id="referat-12"),
        version=1,
        title=f"Klage fra {CITIZEN_OF_MINUTES}",
        kind="referat",
        valid_from=date(2026, 1, 1),
        asked_as=(f"Hvad fik {CITIZEN_OF_MINUTES} at vide om genoptræning?",),
        content=Content(media_type="text/markdown", text=f"## Afgørelse\n\n{MINUTES}"),
    )


def case_event(case: CaseRef, text: str, media_type: str = "text/markdown") -> CaseEvent:
    """An event of `case` with both parties."""
    content = Content.model_validate({"media_type": media_type, "text": text})
    return CaseEvent(
        case=case,
        case_number="S2026-04410",
        title=f"Genoptræning – {ZELVINA.name}",
        facts=CaseFacts(kle="29.18.04", progress="Oplyst", sensitivity=4),
        kind="mail_received",
        occurred_at=NOW,
        purpose="sundhed",
        parties=(ZELVINA, HIDDEN),
        content=content,
        requests=("answer", "reply_draft"),
    )


def broken() -> Iterator[Message]:
    """What is no event, in bodies and headers; each with marks."""
    good = _message(case_event(CASES[4], LETTER))
    person = f"{ZELVINA.name}, 760352-9814".encode()
    yield replace(good, value=(good.value or b"")[:-20])
    yield replace(good, value=b'{"case": "' + person + b'"}')
    yield replace(good, value=person)
    yield replace(good, value=person.decode().encode("utf-16"))
    yield replace(good, headers=[*good.headers, ("x-citizen", person)])
    for spoilt in ("ce_id", "ce_source", "ce_time"):
        yield replace(good, headers=[(n, person if n == spoilt else v) for n, v in good.headers])
    yield replace(good, headers=[(n, v) for n, v in good.headers if n != "ce_source"])
    wrong = _message(next(feedback()))
    yield replace(wrong, value=b'{"comment": "' + person + b'", "verdict": "' + person + b'"}')
    document = topics.KNOWLEDGE_PUBLISHED
    key = f"{TENANT}|referat-13".encode()
    yield Message(document.of(TENANT), key, b'{"title": "' + person, _headers(document.name))


def _message(payload: CaseEvent | FeedbackGiven) -> Message:
    topic = topics.CASE_EVENT_PUBLISHED
    named = topic if isinstance(payload, CaseEvent) else topics.FEEDBACK_GIVEN
    body = payload.model_dump_json().encode()
    return Message(named.of(TENANT), payload.key.encode(), body, _headers(named.name))


def _headers(event_type: str) -> headers.Headers:
    return headers.write(
        Envelope(
            id=str(uuid.uuid4()),
            source="postsag",
            type=event_type,
            time=NOW,
            tenant=TENANT,
            subject=str(CASES[4].case_id),
        )
    )
