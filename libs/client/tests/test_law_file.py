"""A law file becomes documents: one for each provision, and a bad line stops nothing."""

import gzip
import json
import os
from datetime import date
from pathlib import Path

import pytest
from sidemand.client.errors import ClientError
from sidemand.client.knowledge import LawFile, Skipped, knowledge_at, provision_id, provision_of
from sidemand.schemas.knowledge import KnowledgePublished

ACT = {
    "act_id": "2031:12",
    "title": "Bekendtgørelse af lov om fælles cykelskure",
    "issued": "2031-05-02",
    "eli": "https://law.example/eli/lta/2031/12",
    "provisions": [
        {"ref": "1:1", "chapter": "1", "section": "1", "text": "§ 1. Enhver må stille sin cykel."},
        {"ref": "2:4A", "section": "4A", "text": "§ 4 A. Skuret lå\u00adses kl. 22.\u200b"},
        {"ref": "3:8b-9", "section": "8b-9", "text": "§§ 8 b-9. (Ophævet)"},
        {"ref": "1", "section": "1", "text": "§ 1. Loven træder i kraft den 1. juli 2031."},
    ],
}


def law_file(folder: Path, *lines: str) -> Path:
    path = folder / "love.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def documents(path: Path) -> list[KnowledgePublished]:
    return [each for each in LawFile(path) if isinstance(each, KnowledgePublished)]


def skipped(path: Path) -> list[Skipped]:
    return [each for each in LawFile(path) if isinstance(each, Skipped)]


def test_a_provision_is_a_document_of_its_own_that_all_tenants_share(tmp_path: Path) -> None:
    first = documents(law_file(tmp_path, json.dumps(ACT)))[0]
    assert first.tenant == "faelles"
    assert first.subject == "lov:2031:12:1:1"
    assert first.title == "Bekendtgørelse af lov om fælles cykelskure § 1"
    assert first.kind == "lov"
    assert first.source == "https://law.example/eli/lta/2031/12"
    assert first.valid_from == date(2031, 5, 2)
    assert first.content.text == "§ 1. Enhver må stille sin cykel."


def test_a_later_act_has_a_higher_version(tmp_path: Path) -> None:
    later = {**ACT, "issued": "2031-05-03"}
    one, other = documents(
        law_file(tmp_path, json.dumps({**ACT, "provisions": ACT["provisions"][:1]}),
                 json.dumps({**later, "provisions": ACT["provisions"][:1]}))
    )  # fmt: skip
    assert other.version == one.version + 1


def test_signs_that_nobody_sees_are_taken_out_of_the_text(tmp_path: Path) -> None:
    second = documents(law_file(tmp_path, json.dumps(ACT)))[1]
    assert second.content.text == "§ 4 A. Skuret låses kl. 22."


def test_a_commencement_clause_stands_beside_the_provision_of_the_same_number(
    tmp_path: Path,
) -> None:
    found = documents(law_file(tmp_path, json.dumps(ACT)))
    assert [each.title.partition("cykelskure ")[2] for each in found] == [
        "§ 1",
        "§ 4 A",
        "§§ 8 b-9",
        "§ 1 (ikrafttrædelsesbestemmelse)",
    ]
    assert len({each.subject for each in found}) == 4


@pytest.mark.parametrize(
    ("act_id", "ref", "document_id"),
    [
        ("2016:1178", "2:4A", "lov:2016:1178:2:4_a"),
        ("2016:1178", "2:4a", "lov:2016:1178:2:4a"),
        ("2024:83", "20", "lov:2024:83:20"),
        ("2023:1031", "14:101-103b", "lov:2023:1031:14:101-103b"),
        ("2009:870", "IV:3–4 æ", "lov:2009:870:_i_v:3.2013.4.20..e6."),
    ],
)
def test_act_and_ref_make_the_document_id_and_come_back_from_it(
    act_id: str, ref: str, document_id: str
) -> None:
    assert provision_id(act_id, ref) == document_id
    assert provision_of(document_id) == (act_id, ref)


def test_another_document_is_no_provision() -> None:
    assert provision_of("partshoering") is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "the line is no JSON in UTF-8; the act is left out"),
        ("[]", "the whole: input should be"),
        (json.dumps({**ACT, "issued": "i foråret"}), "issued: input should be a valid date"),
        (json.dumps({**ACT, "act_id": "cykellov"}), "act_id: string should match"),
        (json.dumps({"act_id": "2031:13"}), "title is missing; issued is missing"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_the_rest_loads(
    tmp_path: Path, line: str, reason: str
) -> None:
    path = law_file(tmp_path, line, json.dumps(ACT))
    (bad,) = skipped(path)
    assert bad.where == "love.jsonl, line 1"
    assert reason in bad.reason
    assert "foråret" not in bad.reason
    assert len(documents(path)) == 4


@pytest.mark.parametrize(
    ("provision", "reason"),
    [
        ({"ref": "9:9", "section": "9", "text": "  "}, "text: "),
        ({"section": "9", "text": "§ 9."}, "ref is missing"),
        ({"ref": "1:1", "section": "9", "text": "§ 9."}, "has this ref twice"),
        ({"ref": "9" * 200, "text": "§ 9."}, "document.document_id: "),
    ],
)
def test_a_bad_provision_is_told_with_its_place_and_its_act_loads(
    tmp_path: Path, provision: object, reason: str
) -> None:
    path = law_file(tmp_path, json.dumps({**ACT, "provisions": [*ACT["provisions"], provision]}))
    (bad,) = skipped(path)
    assert bad.where == "love.jsonl, line 1, provision 5"
    assert reason in bad.reason
    assert len(documents(path)) == 4


def test_a_gzipped_file_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    path = tmp_path / "love.jsonl.gz"
    whole = gzip.compress((json.dumps(ACT) + "\n").encode() + os.urandom(20_000).hex().encode())
    path.write_bytes(whole[: len(whole) // 2])
    assert len(documents(path)) == 4
    assert "damaged" in skipped(path)[-1].reason


def test_the_number_of_documents_is_known_beforehand(tmp_path: Path) -> None:
    assert len(LawFile(law_file(tmp_path, json.dumps(ACT), "{"))) == 5


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not exist: check the path"):
        knowledge_at(tmp_path / "ingen.jsonl", "faelles")


def test_every_provision_of_the_35_acts_becomes_a_document_with_an_id_of_its_own() -> None:
    path = _shared() / "data/law/municipal.jsonl.gz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    acts = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    expected = [(act["act_id"], each["ref"]) for act in acts for each in act["provisions"]]
    source = LawFile(path)
    found = documents(path)
    assert [provision_of(each.subject) for each in found] == expected
    assert len(source) == len(found) == 4188
    assert len({each.title for each in found}) == len(found)


def _shared() -> Path:
    beside = Path(__file__).resolve().parents[3].parent / "shared"
    return Path(os.environ.get("SIDEMAND_SHARED", beside))
