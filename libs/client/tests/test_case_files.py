"""Case events in files: the samples' form, the topic's form, and everything that is neither."""

import base64
import json
from pathlib import Path

import pytest
from sidemand.client import ClientError, read_case_file
from sidemand.schemas.identity import CaseRef

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "cases"
EXAMPLES = Path(__file__).resolve().parents[3] / "schemas" / "examples"

WRITTEN = """id: evt-1
tenant: storaadal
source: postsag
kind: mail_received
occurred_at: "2031-04-21T21:47:00+02:00"
case:
  case_number: S2031-00001
  title: Cykelskur
  kle: 02.00.00
  progress: Oplyst
  sensitivity: 2
purpose: byggesag
parties:
  - {role: primary, name: Ida Kragelund-Ørnfeldt}
text: Må jeg bygge et skur?
requests: [answer]
expect: {outcome: suggestion}
"""


def written(folder: Path, text: str, name: str = "sag.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_written_case_becomes_an_event_of_its_case_system(tmp_path: Path) -> None:
    read = read_case_file(written(tmp_path, WRITTEN))
    assert read.event.case == CaseRef.of_number("storaadal", "postsag", "S2031-00001")
    assert (read.source, read.event_id) == ("postsag", "evt-1")
    assert read.event.facts.kle == "02.00.00"
    assert read.event.content.text == "Må jeg bygge et skur?"
    assert read.event.requests == ("answer",)


def test_tenant_and_source_given_go_before_those_in_the_file(tmp_path: Path) -> None:
    read = read_case_file(written(tmp_path, WRITTEN), tenant="vesterhede", source="ydelse-plus")
    assert read.event.case == CaseRef.of_number("vesterhede", "ydelse-plus", "S2031-00001")


def test_every_sample_case_is_read() -> None:
    files = sorted(SAMPLES.glob("*.yaml"))
    assert [read_case_file(file).event_id for file in files] == [file.stem for file in files]
    assert len(files) == 40


def test_an_event_as_it_travels_is_read_with_its_file(tmp_path: Path) -> None:
    example = EXAMPLES / "casework.event.published.v1" / "mail-om-svartid.json"
    payload = json.loads(example.read_text("utf-8"))
    letter = base64.b64encode(b"%PDF-1.7").decode()
    payload["content"] = {"media_type": "application/pdf", "data": letter}
    read = read_case_file(written(tmp_path, json.dumps(payload), "sag.json"))
    assert read.event.content.data == b"%PDF-1.7"
    assert read.event.tenant == payload["case"]["tenant"]


def test_an_event_as_it_travels_stays_with_its_tenant(tmp_path: Path) -> None:
    example = EXAMPLES / "casework.event.published.v1" / "notat-om-udeblivelse.json"
    with pytest.raises(ClientError, match="its case belongs to storaadal, and not to vesterhede"):
        read_case_file(example, tenant="vesterhede")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kind: mail_received", "kind: 740344-1237"), "kind: input should be 'case_opened'"),
        (("  kle: 02.00.00\n", ""), "case.kle is missing"),
        (("  sensitivity: 2", "  sensitivity: 740344"), "case.sensitivity: input should be less"),
        (("role: primary", "rolle: primary"), "parties.0.role is missing"),
        (("text: Må", "tekst: Må"), "text is missing; tekst is not a known key"),
        (("requests: [answer]", "requests: []"), "requests: tuple should have at least 1"),
        (("tenant: storaadal", "tenant: Storådal 740344"), "tenant: string should match"),
        (("tenant: storaadal\n", ""), "it names no tenant: write it there, or give --tenant"),
        (('"2031-04-21T21:47:00+02:00"', '"i går 740344"'), "occurred_at"),
        (("case:\n", "case: [\n"), "is no YAML (line"),
    ],
)
def test_a_wrong_field_is_named_and_never_repeated(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(ClientError) as raised:
        read_case_file(written(tmp_path, WRITTEN.replace(*change)))
    assert said in str(raised.value)
    assert "740344" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("sag.json", b'{"case":', r"sag.json is no JSON \(line 1\)"),
        ("sag.json", b"[]", "holds no keys"),
        ("sag.yaml", b"", "holds no keys"),
        ("sag.yaml", b"text: \xe5", "is not UTF-8: save it as UTF-8"),
        ("sag.yaml", b"text: \x07", "holds signs that no text has"),
        ("sag.json", b'{"facts": {}}', "case is missing; case_number is missing"),
    ],
)
def test_a_file_that_is_no_case_event_says_why(
    tmp_path: Path, name: str, body: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(ClientError, match=said):
        read_case_file(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match=r"cannot be read.*: check path and rights"):
        read_case_file(tmp_path / "ingen.yaml")
