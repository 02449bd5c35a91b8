"""DOCX, written by python-docx and changed where Word writes what python-docx does not."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Final

import pytest
from docx.document import Document as WordDocument
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from sidemand.ingestion.readers import ReadText, UnreadableError, read
from sidemand.schemas.text import MediaType

DOCX: Final[MediaType] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MakeDocx = Callable[[Callable[[WordDocument], object]], bytes]


def text_of(data: bytes) -> str:
    return read(data, DOCX).text


def test_headings_lists_and_tables_are_read_in_order(docx: MakeDocx) -> None:
    def fill(document: WordDocument) -> None:
        document.add_heading("Klage", 1)
        document.add_paragraph("Fristen er fire uger.")
        document.add_paragraph("skriv", style="List Number")
        document.add_paragraph("send", style="List Number")
        document.add_paragraph("løs", style="List Bullet")
        table = document.add_table(rows=2, cols=2)
        for cell, words in zip(
            (cell for row in table.rows for cell in row.cells),
            ("Ydelse", "Sats", "Enlig", "12 kr."),
            strict=True,
        ):
            cell.text = words
        document.add_heading("Frist", 2)
        document.add_paragraph("§ 5. Hej. Stk. 2. Nej.")

    found: ReadText = read(docx(fill), DOCX)

    assert found.text == (
        "Klage\n\nFristen er fire uger.\n\n1. skriv\n2. send\n- løs\n\n"
        "Ydelse | Sats\nEnlig | 12 kr.\n\nFrist\n\n§ 5. Hej. Stk. 2. Nej."
    )
    assert [(each.heading_path, each.locator) for each in found.sections] == [
        (("Klage",), None),
        (("Klage", "Frist"), "§ 5, stk. 1"),
        (("Klage", "Frist"), "§ 5, stk. 2"),
    ]


def test_what_word_shows_is_read_and_what_it_hides_is_not(docx: MakeDocx) -> None:
    body = (
        f"<w:p {nsdecls('w')}>"
        '<w:ins w:id="1" w:author="x"><w:r><w:t xml:space="preserve">indsat </w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="x"><w:r><w:delText>slettet</w:delText></w:r></w:del>'
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>skjult</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r>"
        "<w:sdt><w:sdtContent><w:r><w:t>felt</w:t></w:r></w:sdtContent></w:sdt>"
        "</w:p>"
    )
    control = (
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>i kontrol</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
    )

    def fill(document: WordDocument) -> None:
        document.element.body.insert(0, parse_xml(control))
        document.element.body.insert(0, parse_xml(body))

    assert text_of(docx(fill)) == "indsat felt\n\ni kontrol"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 ikke rigtig", b"\xd0\xcf\x11\xe0 gammel .doc"])
def test_a_file_that_is_no_docx_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError, match="docx_broken"):
        read(data, DOCX)


def test_a_docx_with_a_broken_part_is_refused(docx: MakeDocx) -> None:
    whole = docx(lambda document: document.add_paragraph("hej"))
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<w:doc" if name == "word/document.xml" else old.read(name))

    with pytest.raises(UnreadableError, match="docx_broken"):
        read(broken.getvalue(), DOCX)


def test_a_docx_cut_in_two_is_refused(docx: MakeDocx) -> None:
    whole = docx(lambda document: document.add_paragraph("hej"))

    with pytest.raises(UnreadableError, match="docx_broken"):
        read(whole[: len(whole) // 2], DOCX)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(docx: MakeDocx) -> None:
    bomb = io.BytesIO(docx(lambda document: document.add_paragraph("hej")))
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/image1.png", bytes(70_000_000))
    assert len(bomb.getvalue()) < 200_000

    with pytest.raises(UnreadableError, match="docx_too_large"):
        read(bomb.getvalue(), DOCX)


def test_an_archive_that_lies_about_its_size_is_not_unpacked_beyond_it(docx: MakeDocx) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"x" * 70_000_000)
    lying = re.sub((70_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"), data.getvalue())
    assert lying != data.getvalue()

    with pytest.raises(UnreadableError, match="docx_broken"):
        read(lying, DOCX)


def test_entities_in_a_docx_are_not_expanded(docx: MakeDocx) -> None:
    whole = docx(lambda document: document.add_paragraph("hej"))
    attack = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(attack, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/document.xml":
                part = part.replace(
                    b"<w:document",
                    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><w:document',
                    1,
                ).replace(b">hej<", b">hej&e;<")
            new.writestr(name, part)

    assert text_of(attack.getvalue()) == "hej"


def test_an_empty_docx_is_refused(docx: MakeDocx) -> None:
    with pytest.raises(UnreadableError, match="empty"):
        read(docx(lambda document: document), DOCX)
