"""The command `sidemand`: what it prints, and its exit codes."""

import asyncio
import json
from pathlib import Path

import pytest
from sidemand.bus import BusSettings, Reader
from sidemand.client import CaseRef
from sidemand.client.cli import app
from sidemand.schemas import topics
from typer.testing import CliRunner, Result

CASE = """id: evt-1
tenant: storaadal
source: postsag
kind: mail_received
occurred_at: "2031-04-21T21:47:00+02:00"
case: {case_number: S1, title: Cykelskur, kle: 02.00.00, progress: Oplyst, sensitivity: 2}
purpose: byggesag
text: Ida Kragelund-Ørnfeldt vil bygge et skur.
requests: [answer]
"""
NOWHERE = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIDEMAND_OBJECTS", f"file://{tmp_path}/objects")
    monkeypatch.setenv("SIDEMAND_START_SECONDS", "2")
    monkeypatch.setenv("COLUMNS", "300")


def sidemand(kafka: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--kafka", kafka, *arguments])


async def at(settings: BusSettings, *arguments: str) -> Result:
    """Run the command while this loop runs the services."""
    return await asyncio.to_thread(sidemand, settings.kafka, *arguments)


def case_file(folder: Path, text: str = CASE) -> str:
    path = folder / "sag.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def said(result: Result) -> str:
    """The one sentence on standard error."""
    assert result.exit_code == 1
    assert result.stderr.startswith("sidemand: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.usefixtures("colleague")
async def test_ask_shows_the_answer_in_danish(settings: BusSettings, tmp_path: Path) -> None:
    result = await at(settings, "ask", case_file(tmp_path))
    assert result.exit_code == 0
    assert "Svar · nyt" in result.stdout
    assert "Intet forslag. Kilderne svarer ikke på Cykelskur." in result.stdout


@pytest.mark.usefixtures("colleague")
async def test_ask_shows_a_refusal_and_fails(settings: BusSettings, tmp_path: Path) -> None:
    text = CASE.replace("byggesag", "ukendt")
    result = await at(settings, "ask", case_file(tmp_path, text))
    assert "Afvist · no_legal_basis" in result.stdout
    assert "Gør sådan: Ret formålet." in result.stdout
    assert "The event was refused" in said(result)


async def test_ask_without_an_answer_says_what_to_look_at(
    settings: BusSettings, tmp_path: Path
) -> None:
    result = await at(settings, "ask", case_file(tmp_path), "--patience", "0.5")
    assert "Nothing came within 0.5 seconds for: Svar." in said(result)


async def test_publish_takes_the_files_id_and_the_given_tenant_and_source(
    settings: BusSettings, tmp_path: Path
) -> None:
    events = Reader(settings, topics.CASE_EVENT_PUBLISHED, "storaadal", since="earliest")
    text = CASE.replace("tenant: storaadal\n", "")
    result = await at(
        settings, "publish", case_file(tmp_path, text), "--tenant=storaadal", "--source=esdh"
    )
    async with events:
        event = await asyncio.wait_for(anext(aiter(events)), 10)
    case = CaseRef.of_number("storaadal", "esdh", "S1")
    assert result.exit_code == 0
    assert result.stdout == f"Published evt-1 on case {case.case_id} of storaadal.\n"
    assert (event.envelope.id, event.envelope.source) == ("evt-1", "esdh")
    assert event.data.case == case


@pytest.mark.usefixtures("colleague")
async def test_follow_shows_suggestions_and_refusals(settings: BusSettings, tmp_path: Path) -> None:
    await at(settings, "ask", case_file(tmp_path))
    await at(settings, "ask", case_file(tmp_path, CASE.replace("byggesag", "ukendt")))
    result = await at(settings, "follow", "--tenant", "storaadal", "--earliest", "--count", "2")
    assert result.exit_code == 0
    assert "Svar · nyt" in result.stdout
    assert "Afvist · no_legal_basis" in result.stdout


@pytest.mark.usefixtures("index")
async def test_load_says_what_became_of_everything(settings: BusSettings, tmp_path: Path) -> None:
    law = {
        "act_id": "2031:12",
        "title": "Lov om cykelskure",
        "issued": "2031-05-02",
        "provisions": [{"ref": "1", "section": "1", "text": "§ 1. Skuret låses."}],
    }
    path = tmp_path / "love.jsonl"
    path.write_text("{\n" + json.dumps(law), "utf-8")
    result = await at(settings, "load", str(path))
    assert result.exit_code == 1
    assert "1 indexed (2 passages), 0 unchanged, 0 refused, 1 skipped, in " in result.stdout
    assert "sidemand: skipped: love.jsonl, line 1: the line is no JSON" in result.stderr


@pytest.mark.usefixtures("index")
async def test_load_says_that_a_change_needs_a_higher_version(
    settings: BusSettings, tmp_path: Path
) -> None:
    path = tmp_path / "skure.md"
    path.write_text("---\nversion: 2\n---\nSkuret låses kl. 21.", "utf-8")
    first = await at(settings, "load", str(path))
    path.write_text("---\nversion: 2\n---\nSkuret låses kl. 22.", "utf-8")
    again = await at(settings, "load", str(path))
    assert "a change needs a higher one" not in first.stdout
    assert "0 indexed (0 passages), 1 unchanged" in again.stdout
    assert "a change needs a higher one" in again.stdout


@pytest.mark.usefixtures("index")
async def test_delete_ends_when_the_document_is_gone(settings: BusSettings, tmp_path: Path) -> None:
    (tmp_path / "viden").mkdir()
    (tmp_path / "viden" / "frist.md").write_text("# Frist\n\n10 hverdage.")
    loaded = await at(settings, "load", str(tmp_path / "viden"), "--tenant", "storaadal")
    deleted = await at(settings, "delete", "frist", "--tenant", "storaadal")
    assert (loaded.exit_code, deleted.exit_code) == (0, 0)
    assert deleted.stdout == "frist of storaadal is gone.\n"


async def test_topics_are_listed_with_their_partitions(settings: BusSettings) -> None:
    result = await at(settings, "topics", "list")
    assert "  12 storaadal.casework.event.published.v1\n" in result.stdout


async def test_an_unknown_tenant_is_one_sentence(settings: BusSettings, tmp_path: Path) -> None:
    path = case_file(tmp_path, CASE.replace("storaadal", "storadal"))
    result = await at(settings, "publish", path)
    assert "has no tenant storadal; it has faelles, storaadal." in said(result)


def test_no_kafka_at_the_address_is_one_sentence(tmp_path: Path) -> None:
    for arguments in (["publish", case_file(tmp_path)], ["dead-letters", "list"]):
        assert f"No Kafka answers at {NOWHERE}." in said(sidemand(NOWHERE, *arguments))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["publish", "ingen.yaml"], "ingen.yaml cannot be read (No such file or directory)"),
        (["load", "ingen.jsonl"], "ingen.jsonl does not exist: check the path."),
        (["load", "."], "There is no file in .: put documents there"),
        (["follow", "--tenant", "Storådal"], "The tenant is not written as tenants are"),
        (["topics", "create", "--tenant", "Storådal"], "The tenant is not written as"),
        (["dead-letters", "redrive"], "Say in 1 to 500 characters why"),
        (["dead-letters", "drop", "--code=x", "--why= "], "Say in 1 to 500 characters why"),
        (["dead-letters", "drop", "--why=Udgivet igen"], "Say which: a position, or --topic"),
        (["dead-letters", "drop", "--dry-run"], "Say which: a position, or --topic"),
        (["dead-letters", "show", "x/0/1", "--body"], "Say in 1 to 500 characters why"),
        (["dead-letters", "show", "x/0/1", "--why=Sag 7"], "--why belongs to --body"),
        (["dead-letters", "list", "--since=straks"], "A time is written as 2031-05-04"),
        (["dead-letters", "list", "--since=2h", "--until=3h"], "--since is not before --until"),
    ],
)
def test_what_is_wrong_with_the_arguments_is_said_before_anyone_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert sentence in said(sidemand(NOWHERE, *arguments))


def test_a_wrong_field_is_named_and_not_repeated(tmp_path: Path) -> None:
    path = case_file(tmp_path, CASE.replace("progress: Oplyst", "progress: 740344-1237"))
    result = sidemand(NOWHERE, "publish", path)
    assert "sag.yaml is no case event: case.progress: input should be" in said(result)
    assert "740344" not in result.output


def test_a_setting_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SIDEMAND_START_SECONDS", "straks")
    result = sidemand(NOWHERE, "publish", case_file(tmp_path))
    assert "SIDEMAND_START_SECONDS cannot be used as set" in said(result)


@pytest.mark.parametrize("arguments", [["udgiv"], ["publish"], ["follow"], ["load", "--tenant"]])
def test_a_command_that_is_not_understood_has_exit_code_2(arguments: list[str]) -> None:
    assert sidemand(NOWHERE, *arguments).exit_code == 2
