"""`sidemand dead-letters`, as an operator uses it: look, rehearse, redrive or drop, and answer."""

import asyncio
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sidemand.bus import BusSettings, Publisher
from sidemand.bus.publisher import Message
from sidemand.bus.reader import RecordReader
from sidemand.client.cli import app
from sidemand.schemas import topics
from sidemand.schemas.governance import AccessRecorded
from sidemand.schemas.identity import CaseRef
from typer.testing import CliRunner, Result

CASE = CaseRef(tenant="storaadal", case_id=uuid.UUID(int=7))
DEAD = topics.CASE_EVENT_PUBLISHED.dead_letters("ingestion")
KNOWLEDGE_DEAD = topics.KNOWLEDGE_PUBLISHED.dead_letters("ingestion")
PERSON = "Ida Kragelund-Ørnfeldt"


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIDEMAND_OBJECTS", f"file://{tmp_path}/objects")
    monkeypatch.setenv("COLUMNS", "300")


async def sidemand(settings: BusSettings, *arguments: str) -> Result:
    command = ["--kafka", settings.kafka, "dead-letters", *arguments]
    return await asyncio.to_thread(CliRunner().invoke, app, command)


async def write(settings: BusSettings, code: str, **changed: Any) -> None:
    """Write a dead letter, as a service would."""
    said = {
        "ce_id": f"evt-{code}",
        "ce_source": "postsag",
        "dlq-code": code,
        "dlq-detail": "the first that failed",
        "dlq-origin": f"storaadal.{topics.CASE_EVENT_PUBLISHED.name}/2/40",
        "dlq-attempts": "3",
        "dlq-failed-at": datetime(2031, 5, 4, 3, tzinfo=UTC).isoformat(),
    } | changed.pop("headers", {})
    headers = [(name, text.encode()) for name, text in said.items() if text]
    letter: dict[str, Any] = {"topic": DEAD, "key": CASE.key.encode(), "value": PERSON.encode()}
    async with Publisher(settings, "postsag") as publisher:
        await publisher.send([Message(headers=headers, **letter | changed)])


async def positions(settings: BusSettings) -> dict[str, str]:
    """Where each letter stands, by its code."""
    listed = await sidemand(settings, "list", "--all", "--json")
    return {each["code"]: each["position"] for each in json.loads(listed.stdout)}


async def recorded(settings: BusSettings) -> list[AccessRecorded]:
    async with RecordReader(settings, topics.ACCESS_RECORDED.name, "earliest") as records:
        return [
            AccessRecorded.model_validate_json(record.value or b"")
            async for record in records.until_now()
        ]


async def redriven_ids(settings: BusSettings) -> list[str]:
    name = topics.CASE_EVENT_PUBLISHED.of("storaadal")
    async with RecordReader(settings, name, "earliest") as records:
        return [
            (dict(record.headers)["ce_id"] or b"").decode() async for record in records.until_now()
        ]


async def test_a_list_ends_with_how_many_of_what_and_holds_no_body(settings: BusSettings) -> None:
    for code in ("not_json", "unexpected", "not_json"):
        await write(settings, code)
    listed = await sidemand(settings, "list")
    assert listed.exit_code == 0
    assert (
        "not_json: the first that failed (of storaadal, tried 3 times, given up " in listed.stdout
    )
    assert listed.stdout.endswith(
        "3 dead letters: 2 not_json (ingestion), 1 unexpected (ingestion).\n"
    )
    assert "Kragelund" not in listed.output


async def test_a_misspelt_option_does_not_look_like_peace(settings: BusSettings) -> None:
    assert (await sidemand(settings, "list")).stdout == "No dead letters.\n"
    await write(settings, "not_json")
    sentence = "No dead letters by these options; 1 dead letter besides.\n"
    for arguments in (
        ["list", "--tenant=storadal"],
        ["list", "--since=2031-05-05"],
        ["list", "--until=2031-05-03"],
        ["redrive", "--code=notjson", "--dry-run"],
    ):
        assert (await sidemand(settings, *arguments)).stdout.startswith(sentence)


async def test_a_list_for_programs_is_one_array(settings: BusSettings) -> None:
    assert json.loads((await sidemand(settings, "list", "--json")).stdout) == []
    await write(settings, "kills_process")
    (letter,) = json.loads((await sidemand(settings, "list", "--json")).stdout)
    assert (
        letter.items()
        >= {
            "service": "ingestion",
            "tenant": "storaadal",
            "about": CASE.key,
            "event_id": "evt-kills_process",
            "code": "kills_process",
            "can_succeed": True,
            "failed_at": "2031-05-04T03:00:00+00:00",
            "state": "open",
            "bytes": len(PERSON.encode()),
        }.items()
    )
    assert "the process died" in letter["means"]


async def test_show_explains_and_needs_no_reason_as_it_shows_no_person(
    settings: BusSettings,
) -> None:
    await write(settings, "kills_process")
    position = (await positions(settings))["kills_process"]
    shown = await sidemand(settings, "show", position)
    assert shown.exit_code == 0
    assert (
        "means      Each time that this event was being handled, the process died" in shown.stdout
    )
    assert "do         Look at how the process ended" in shown.stdout
    assert f"next       sidemand dead-letters redrive {position} --why" in shown.stdout
    assert f"body       {len(PERSON.encode())} bytes in Kafka, not shown" in shown.stdout
    assert "Kragelund" not in shown.output
    assert await recorded(settings) == []


async def test_show_does_not_propose_to_redrive_what_can_never_succeed(
    settings: BusSettings,
) -> None:
    await write(settings, "not_json")
    position = (await positions(settings))["not_json"]
    shown = await sidemand(settings, "show", position)
    assert "dead-letters drop" in shown.stdout
    assert "dead-letters redrive" not in shown.stdout


async def test_a_body_is_printed_for_a_reason_that_goes_on_record(settings: BusSettings) -> None:
    await write(settings, "not_json")
    position = (await positions(settings))["not_json"]
    shown = await sidemand(settings, "show", position, "--body", "--why", "Sag 7")
    assert shown.stdout.endswith(f"\n\n{PERSON}\n")
    (access,) = await recorded(settings)
    assert (access.action, access.purpose) == ("dead_letter_shown", "Sag 7")
    assert (access.case, access.letter) == (CASE, position)
    assert "@" in access.actor


@pytest.mark.parametrize(
    "arguments", [["show", "{}", "--body"], ["redrive", "{}"], ["drop", "--code=unexpected"]]
)
async def test_nothing_is_done_where_it_cannot_be_put_on_record(
    settings: BusSettings, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    await write(settings, "unexpected")
    position = (await positions(settings))["unexpected"]
    elsewhere = replace(topics.ACCESS_RECORDED, name="governance.access.missing.v1")
    monkeypatch.setattr(topics, "ACCESS_RECORDED", elsewhere)
    command = [argument.format(position) for argument in arguments]
    result = await sidemand(settings, *command, "--why", "Sag 7")
    assert result.exit_code == 1
    assert "so nothing can be put on record, and nothing was done" in result.stderr
    assert "Kragelund" not in result.output
    assert position in (await sidemand(settings, "list")).stdout
    assert await redriven_ids(settings) == []


@pytest.mark.parametrize(
    ("letter", "tenant"),
    [
        ({"key": f"storaadal|{PERSON}".encode()}, "storaadal"),
        ({"key": b"vesterhede|00000000-0000-0000-0000-000000000007"}, "storaadal"),
        ({"key": None, "headers": {"dlq-origin": ""}}, "faelles"),
        (
            {"topic": KNOWLEDGE_DEAD, "key": b"storaadal|frist", "headers": {"dlq-origin": ""}},
            "storaadal",
        ),
    ],
)
async def test_what_names_no_case_is_on_record_all_the_same(
    settings: BusSettings, letter: dict[str, Any], tenant: str
) -> None:
    await write(settings, "bad_key", **letter)
    position = (await positions(settings))["bad_key"]
    await sidemand(settings, "show", position, "--body", "--why", "Hvis er den?")
    (access,) = await recorded(settings)
    assert access.case == CaseRef(tenant=tenant, case_id=uuid.UUID(int=0))
    assert access.letter == position


async def test_a_rehearsal_says_what_would_happen_and_changes_nothing(
    settings: BusSettings,
) -> None:
    for code in ("unexpected", "not_json"):
        await write(settings, code)
    at = await positions(settings)
    redrive = await sidemand(settings, "redrive", "--dry-run")
    named = await sidemand(settings, "redrive", "--code=not_json", "--dry-run")
    drop = await sidemand(settings, "drop", "--code=not_json", "--dry-run")
    where = f"storaadal.{topics.CASE_EVENT_PUBLISHED.name}"
    assert f"would redrive {at['unexpected']} to {where}\n" in redrive.stdout
    assert f"left {at['not_json']}: as it is, it fails again (not_json); name" in redrive.stdout
    assert redrive.stdout.endswith("1 would be taken; nothing was changed.\n")
    assert f"{at['not_json']} to {where}; as it is, it fails again (not_json)\n" in named.stdout
    assert f"would drop {at['not_json']} (not_json, storaadal)\n1 would be taken" in drop.stdout
    listed = json.loads((await sidemand(settings, "list", "--json")).stdout)
    assert [each["state"] for each in listed] == ["open", "open"]
    assert await recorded(settings) == []
    assert await redriven_ids(settings) == []


async def test_redriving_twice_publishes_once_and_each_is_on_record(settings: BusSettings) -> None:
    await write(settings, "unexpected")
    position = (await positions(settings))["unexpected"]
    redriven = await sidemand(settings, "redrive", position, "--why", "Rettet")
    again = await sidemand(settings, "redrive", position, "--why", "Rettet")
    every = await sidemand(settings, "redrive", "--why", "Rettet")
    assert redriven.stdout == f"redriven {position}\n1 redriven.\n"
    assert again.stdout.startswith(f"left {position}: redriven 20")
    assert again.stdout.endswith("0 redriven.\n")
    assert every.stdout == "No dead letters.\n0 redriven.\n"
    assert await redriven_ids(settings) == ["evt-unexpected"]
    assert [(each.action, each.letter) for each in await recorded(settings)] == [
        ("dead_letter_redriven", position)
    ]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("kills_process", "it can kill its process again"),
        ("not_json", "as it is, it fails again (not_json)"),
    ],
)
async def test_what_would_do_harm_is_redriven_only_by_name(
    settings: BusSettings, code: str, why: str
) -> None:
    for each in ("unexpected", code):
        await write(settings, each)
    position = (await positions(settings))[code]
    every = await sidemand(settings, "redrive", "--since=2031-05-04", "--why", "Rettet")
    assert f"left {position}: {why}; name it by --code {code}" in every.stdout
    assert await redriven_ids(settings) == ["evt-unexpected"]
    named = await sidemand(settings, "redrive", f"--code={code}", "--why", "Mere plads")
    assert named.stdout == f"redriven {position}\n1 redriven.\n"


async def test_what_has_nowhere_to_go_is_left_and_the_rest_is_redriven(
    settings: BusSettings,
) -> None:
    gone = f"nedlagt.{topics.CASE_EVENT_PUBLISHED.name}/0/1"
    await write(settings, "lost_body", headers={"dlq-origin": gone})
    await write(settings, "invalid_payload", headers={"dlq-origin": ""})
    await write(settings, "unexpected")
    result = await sidemand(settings, "redrive", "--why", "Rettet")
    assert "the topic that it came from is not there any more" in result.stdout
    assert "it does not say where it came from" in result.stdout
    assert result.stdout.endswith("1 redriven.\n")


async def test_what_is_dropped_is_listed_and_redriven_no_more_and_keeps_the_reason(
    settings: BusSettings,
) -> None:
    for code in ("not_json", "unexpected"):
        await write(settings, code)
    position = (await positions(settings))["not_json"]
    dropped = await sidemand(settings, "drop", "--code=not_json", "--why", "Udgivet igen")
    assert dropped.stdout == f"dropped {position}\n1 dropped.\n"
    listed = await sidemand(settings, "list")
    assert position not in listed.stdout
    assert position in (await sidemand(settings, "list", "--all")).stdout
    shown = await sidemand(settings, "show", position)
    assert "state      dropped 20" in shown.stdout
    assert ": Udgivet igen\n" in shown.stdout
    await sidemand(settings, "redrive", position, "--why", "Fortrudt")
    assert await redriven_ids(settings) == []
    (access,) = await recorded(settings)
    assert (access.action, access.letter) == ("dead_letter_dropped", position)


@pytest.mark.parametrize("verb", ["show", "redrive", "drop"])
async def test_a_dead_letter_that_is_not_there_says_so(settings: BusSettings, verb: str) -> None:
    reason = [] if verb == "show" else ["--why", "Sag 7"]
    result = await sidemand(settings, verb, f"{DEAD}/0/7", *reason)
    assert result.exit_code == 1
    assert result.stderr.startswith("sidemand: There is no dead letter at this position")


@pytest.mark.usefixtures("colleague")
async def test_what_a_service_gave_up_comes_back_to_it(
    settings: BusSettings, tmp_path: Path
) -> None:
    """The way of an event that fails: given up, listed, redriven, given up again as itself."""
    path = tmp_path / "sag.yaml"
    path.write_text(POISON, "utf-8")
    publish = ["--kafka", settings.kafka, "publish", str(path)]
    await asyncio.to_thread(CliRunner().invoke, app, publish)
    first = await _letters(settings, 1)
    redriven = await sidemand(settings, "redrive", "--code=script_unknown", "--why", "Rettet")
    second = await _letters(settings, 1, settled=1)
    assert redriven.stdout == f"redriven {first[0]['position']}\n1 redriven.\n"
    assert second[0]["event_id"] == first[0]["event_id"] == "evt-1"
    assert second[0]["position"] != first[0]["position"]


POISON = f"""id: evt-1
tenant: storaadal
source: postsag
kind: mail_received
occurred_at: "2031-04-21T21:47:00+02:00"
case: {{case_number: S1, title: Cykelskur, kle: 02.00.00, progress: Oplyst, sensitivity: 2}}
purpose: gift
text: {PERSON} vil bygge et skur.
requests: [answer]
"""


async def _letters(settings: BusSettings, count: int, settled: int = 0) -> list[dict[str, str]]:
    """Wait until so many are open, and so many settled."""
    async with asyncio.timeout(20):
        while True:
            found = json.loads((await sidemand(settings, "list", "--all", "--json")).stdout)
            still = [each for each in found if each["state"] == "open"]
            if (len(still), len(found) - len(still)) == (count, settled):
                return still
