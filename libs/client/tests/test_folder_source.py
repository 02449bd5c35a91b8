"""A folder becomes documents; what an editor got wrong is named by file and key."""

import os
from datetime import date
from pathlib import Path

import pytest
from sidemand.client.errors import ClientError
from sidemand.client.knowledge import Folder, Skipped, knowledge_at
from sidemand.schemas.knowledge import KnowledgePublished, SectionRef

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "guidance"

GUIDANCE = """---
id: cykler-i-gaarden
title: Cykler i gården
tenant: storaadal
area: teknik
kind: arbejdsgang
valid_from: 2031-02-01
valid_to: 2031-12-31
version: 3
law: ["LOV nr. 12 af 2031 § 1"]
asked_as: ["Må cyklen stå i gården?"]
overrides: cykler#Frist
source: https://viden.example/cykler
licence: CC BY 4.0
sensitivity: 2
---

## Frist

Flyt cyklen inden 5 hverdage.
"""


def only(folder: Path, tenant: str = "faelles") -> KnowledgePublished | Skipped:
    (each,) = Folder(folder, tenant)
    return each


def document(folder: Path) -> KnowledgePublished:
    each = only(folder)
    assert isinstance(each, KnowledgePublished)
    return each


def reason(folder: Path) -> str:
    each = only(folder)
    assert isinstance(each, Skipped)
    return str(each)


def test_the_front_matter_says_what_the_document_is(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(GUIDANCE, "utf-8")
    found = document(tmp_path)
    assert found.key == "storaadal|cykler-i-gaarden"
    assert (found.title, found.area, found.kind) == ("Cykler i gården", "teknik", "arbejdsgang")
    assert (found.valid_from, found.valid_to) == (date(2031, 2, 1), date(2031, 12, 31))
    assert (found.version, found.sensitivity) == (3, 2)
    assert found.law == ("LOV nr. 12 af 2031 § 1",)
    assert found.asked_as == ("Må cyklen stå i gården?",)
    assert found.overrides == SectionRef(document_id="cykler", heading="Frist")
    assert (found.source, found.licence) == ("https://viden.example/cykler", "CC BY 4.0")
    assert found.content.media_type == "text/markdown"
    assert (found.content.text or "").strip().startswith("## Frist")


def test_without_front_matter_the_file_says_it(tmp_path: Path) -> None:
    file = tmp_path / "Børn & unge.md"
    file.write_text("Indledning\n\n# Børn og unge #\n\nTekst", "utf-8")
    os.utime(file, (1_930_000_000, 1_930_000_000))
    found = document(tmp_path)
    assert found.key == "faelles|boern-unge"
    assert found.title == "Børn og unge"
    assert found.valid_from == date(2031, 2, 27)
    assert found.version == 1_930_000_000
    assert found.kind == "vejledning"


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("takster.pdf", "application/pdf"),
        (
            "takster.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("takster.HTML", "text/html"),
        ("takster.txt", "text/plain"),
        ("takster.md", "text/markdown"),
    ],
)
def test_a_file_has_its_keys_in_a_yaml_file_beside_it(
    tmp_path: Path, name: str, media_type: str
) -> None:
    (tmp_path / name).write_bytes(b"indhold")
    (tmp_path / "takster.yaml").write_text("title: Takster 2031\nversion: 7\n", "utf-8")
    found = document(tmp_path)
    assert (found.subject, found.title, found.version) == ("takster", "Takster 2031", 7)
    assert found.content.media_type == media_type
    assert (found.content.data or (found.content.text or "").encode()) == b"indhold"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("titel: Cykler", "a.md: titel is not a known key"),
        ("valid_from: i morgen", "a.md: valid_from: input should be a valid date"),
        ("version: 0", "a.md: version: input should be greater than or equal to 1"),
        ("id: Cykler i gården", "a.md: id: string should match pattern"),
        ("overrides: cykler", "a.md: overrides: value error, overrides is written document#"),
        ("asked_as: en tekst", "a.md: asked_as: "),
        ("title: a: b", "a.md: the keys are no YAML (line 1 of them)"),
        ("- liste", "a.md: the keys are not of the form `key: value`"),
        ("valid_from: 2031-02-01\nvalid_to: 2031-01-01", "valid_to lies before valid_from"),
        ("title: '\x07'", "a.md: the keys are no YAML: they hold signs that no text has"),
    ],
)
def test_a_wrong_key_is_one_sentence_that_names_file_and_key(
    tmp_path: Path, wrong: str, said: str
) -> None:
    (tmp_path / "a.md").write_text(f"---\n{wrong}\n---\nTekst", "utf-8")
    assert said in reason(tmp_path)
    assert "i morgen" not in reason(tmp_path)


def test_a_wrong_key_beside_a_file_names_the_file_of_keys(tmp_path: Path) -> None:
    (tmp_path / "takster.pdf").write_bytes(b"%PDF-")
    (tmp_path / "takster.yaml").write_text("titel: Takster", "utf-8")
    assert reason(tmp_path) == "takster.pdf: takster.yaml: titel is not a known key"


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.md", b"---\ntitle: Cykler\n\nTekst", "a.md: the front matter is opened with ---"),
        ("a.md", b" \n", "a.md: it is empty"),
        ("a.txt", "Gården".encode("latin-1"), "a.txt: it is not UTF-8: save it as UTF-8"),
        ("a.xlsx", b"tal", "a.xlsx: a file of the kind .xlsx is not read, but .md"),
        ("a.pdf", b"x" * 8_000_001, "a.pdf: it is larger than 8 MB: divide it"),
        ("a.yaml", b"title: Cykler", "a.yaml: no document of the same name lies beside"),
        ("%%%.txt", b"Tekst", "document.document_id: string should match pattern"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_reason(
    tmp_path: Path, name: str, body: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(body)
    assert said in reason(tmp_path)


def test_the_second_file_with_an_id_is_passed_over_and_the_rest_loads(tmp_path: Path) -> None:
    (tmp_path / "under").mkdir()
    for name in ("a.md", "a.txt", "under/b.md"):
        (tmp_path / name).write_text("Tekst", "utf-8")
    one, other, third = Folder(tmp_path, "faelles")
    assert isinstance(one, KnowledgePublished)
    assert str(other) == "a.txt: its id is already that of a.md: give it another `id`"
    assert isinstance(third, KnowledgePublished)


def test_the_same_id_may_belong_to_two_tenants(tmp_path: Path) -> None:
    for tenant in ("storaadal", "vesterhede"):
        (tmp_path / f"{tenant}.md").write_text(f"---\nid: frist\ntenant: {tenant}\n---\nTekst")
    keys = [
        each.key for each in Folder(tmp_path, "faelles") if isinstance(each, KnowledgePublished)
    ]
    assert keys == ["storaadal|frist", "vesterhede|frist"]


def test_hidden_files_are_no_documents(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.md").write_text("Tekst")
    (tmp_path / "a.md").write_text("Tekst")
    assert len(Folder(tmp_path, "faelles")) == 1


def test_an_empty_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match=r"There is no file in .*: put documents there"):
        knowledge_at(tmp_path, "faelles")


def test_a_single_file_is_a_source_too(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("Tekst")
    (only_one,) = knowledge_at(file, "storaadal")
    assert isinstance(only_one, KnowledgePublished)
    assert only_one.key == "storaadal|a"


def test_every_guidance_document_of_the_samples_is_read() -> None:
    found = list(Folder(SAMPLES, "faelles"))
    assert [each for each in found if isinstance(each, Skipped)] == []
    assert len(found) == 54
