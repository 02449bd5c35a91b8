"""Fakes of ingestion's ports, case events, and small files made on the spot."""

import io
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.document import Document as WordDocument
from sidemand.ingestion.deliveries import Delivery, Verdict, judge
from sidemand.ingestion.handlers import Border
from sidemand.ingestion.legal_basis import LegalBasisRegistry
from sidemand.ingestion.ports import Files, Ledger
from sidemand.ingestion.readers import UnreadableError
from sidemand.ingestion.tenants import Tenants
from sidemand.schemas import topics
from sidemand.schemas.envelope import Envelope, Event
from sidemand.schemas.identity import CaseRef, DocumentRef
from sidemand.schemas.knowledge import KnowledgePublished
from sidemand.schemas.raw import CaseEvent
from sidemand.schemas.text import Content, ContentRef

CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class MemoryLedger:
    """The port `Ledger` without a database."""

    def __init__(self) -> None:
        self._events: dict[tuple[str, str, str], Delivery] = {}
        self._let_through: dict[tuple[str, str, str], datetime] = {}
        self._erased: set[CaseRef] = set()

    async def remember(self, delivery: Delivery) -> Verdict:
        if delivery.case in self._erased:
            return "erased"
        key = (delivery.case.tenant, delivery.source, delivery.event_id)
        known = self._events.setdefault(key, delivery)
        verdict = judge(delivery, known_sha256=known.content_sha256, known_position=known.position)
        if verdict == "new":
            self._events[key] = delivery
            self._let_through[key] = datetime.now(UTC)
        return verdict

    async def erase(self, case: CaseRef) -> int:
        self._erased.add(case)
        return self._drop([key for key, event in self._events.items() if event.case == case])

    async def forget(self, before: datetime, most: int) -> int:
        by_age = sorted(self._events, key=lambda key: self._let_through[key])
        return self._drop([key for key in by_age if self._let_through[key] < before][:most])

    def _drop(self, gone: Sequence[tuple[str, str, str]]) -> int:
        for key in gone:
            del self._events[key], self._let_through[key]
        return len(gone)


class MemoryFiles:
    """The port `Files` with what a test puts into it."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    async def read(self, ref: ContentRef) -> bytes:
        if ref.uri not in self.stored:
            raise UnreadableError("missing")
        return self.stored[ref.uri]

    async def erase(self, case: CaseRef) -> int:
        gone = [path for path in self.stored if f"/{case.tenant}/{case.case_id}/" in path]
        for path in gone:
            del self.stored[path]
        return len(gone)


@pytest.fixture
def memory_ledger() -> Ledger:
    return MemoryLedger()


@pytest.fixture
def stored() -> dict[str, bytes]:
    return {}


@pytest.fixture
def files(stored: dict[str, bytes]) -> Files:
    memory = MemoryFiles()
    memory.stored = stored
    return memory


@pytest.fixture
def tenants_file(tmp_path: Path) -> Path:
    path = tmp_path / "tenants.yaml"
    path.write_text(
        "tenants:\n"
        '  - {slug: storaadal, name: Storådal Kommune, cvr: "99000010"}\n'
        '  - {slug: vesterhede, name: Vesterhede Kommune, cvr: "99000020"}\n'
        '  - {slug: faelles, name: Fælles viden, cvr: "99000030"}\n',
        "utf-8",
    )
    return path


@pytest.fixture
def legal_basis_file(tmp_path: Path) -> Path:
    path = tmp_path / "legal-basis.yaml"
    path.write_text(
        """tenants: [storaadal, vesterhede]
entries:
  - {purpose: partshoering, title: Partshøring, phase: drift, hjemmel: [forvaltningsloven]}
  - {purpose: plan, title: Planer, phase: drift, hjemmel: [planloven], kle: ["01.02"]}
""",
        "utf-8",
    )
    return path


@pytest.fixture
def border(
    tenants_file: Path, legal_basis_file: Path, memory_ledger: Ledger, files: Files
) -> Border:
    tenants = Tenants.load(tenants_file)
    legal_basis = LegalBasisRegistry.load(legal_basis_file, tenants)
    return Border(tenants, legal_basis, memory_ledger, files)


MakeCaseEvent = Callable[..., Event[CaseEvent]]


@pytest.fixture
def case_event() -> MakeCaseEvent:
    """Make a case event; anything of payload or envelope can be given by name."""

    def make(**changed: Any) -> Event[CaseEvent]:
        case = changed.pop("case", CASE)
        envelope = Envelope(
            id=changed.pop("id", "1f6f0a52-9d2e-4c1b-8a57-1f6a3d1c7e10"),
            source=changed.pop("source", "postsag"),
            type=topics.CASE_EVENT_PUBLISHED.name,
            time=NOON,
            tenant=case.tenant,
            subject=str(case.case_id),
        )
        position = changed.pop("position", "storaadal.casework.event.published.v1/3/10")
        facts = {"kle": changed.pop("kle", "27.36.04"), "progress": "Oplyst", "sensitivity": 3}
        fields = {
            "case": case,
            "case_number": "S2026-1",
            "title": "Partshøring",
            "facts": facts,
            "kind": "mail_received",
            "occurred_at": NOON,
            "purpose": "partshoering",
            "content": Content(text="Kære kommune\n\nKan vi få mere tid?"),
            "requests": ("answer",),
        }
        return Event(envelope, CaseEvent.model_validate(fields | changed), position)

    return make


MakeKnowledge = Callable[..., Event[KnowledgePublished]]


@pytest.fixture
def knowledge() -> MakeKnowledge:
    """Make a published document; any field can be given by name."""

    def make(**changed: Any) -> Event[KnowledgePublished]:
        fields = {
            "document": DocumentRef(tenant="faelles", document_id="partshoering"),
            "version": 2,
            "title": "Partshøring",
            "valid_from": "2025-10-01",
            "content": Content(media_type="text/markdown", text="## Frist\n\nTi hverdage."),
        }
        payload = KnowledgePublished.model_validate(fields | changed)
        envelope = Envelope(
            id="doc-2",
            source="redaktion",
            type=topics.KNOWLEDGE_PUBLISHED.name,
            time=NOON,
            tenant=payload.tenant,
            subject=payload.subject,
        )
        return Event(envelope, payload)

    return make


MakeDocx = Callable[[Callable[[WordDocument], object]], bytes]


@pytest.fixture
def docx() -> MakeDocx:
    """Write a DOCX with what a function puts into it."""

    def make(fill: Callable[[WordDocument], object]) -> bytes:
        document = Document()
        fill(document)
        buffer = io.BytesIO()
        document.save(buffer)
        return buffer.getvalue()

    return make


TextAt = tuple[int, int, int, str]
"""Size of type, x, y and words."""
MakePdf = Callable[[Sequence[Sequence[TextAt]]], bytes]


@pytest.fixture
def pdf() -> MakePdf:
    """Write a PDF with a page for each list of texts; as little as a reader needs."""

    def make(pages: Sequence[Sequence[TextAt]]) -> bytes:
        kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
        for number, texts in enumerate(pages):
            stream = b"".join(_shown(text) for text in texts)
            objects += [
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
                b"/Resources << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * number),
                b"<< /Length %d >>\nstream\n%sendstream" % (len(stream), stream),
            ]
        return _file(objects)

    return make


def _shown(text: TextAt) -> bytes:
    size, x, y, words = text
    escaped = words.encode("cp1252").replace(b"(", rb"\(").replace(b")", rb"\)")
    return b"BT /F1 %d Tf %d %d Td (%s) Tj ET\n" % (size, x, y, escaped)


def _file(objects: Sequence[bytes]) -> bytes:
    written, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(written))
    )
