"""The command `sidemand-retrieval`, as an operator types it."""

import asyncio
from collections.abc import Callable

import pytest
from sidemand.retrieval.adapters.weaviate import WeaviateIndex
from sidemand.retrieval.adapters.weaviate_schema import Names
from sidemand.retrieval.command import main
from sidemand.schemas.casework import EmbeddedCaseDocument
from sidemand.schemas.knowledge import KnowledgeEmbedded
from sidemand.testing.servers import KafkaServer, WeaviateServer

from .retrieval_fakes import ANOTHER_MODEL, beside, case_document, in_other_model, knowledge
from .test_weaviate_collections import address

FRIST = knowledge("frister", "Fristen for svar er ti hverdage.")
STOL = knowledge("stol", "Hjælpemidler udlånes.")

Write = Callable[[int, KnowledgeEmbedded | EmbeddedCaseDocument], None]


@pytest.fixture
def alias(
    weaviate: WeaviateServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    """What the environment of the command names, another in each test."""
    alias = "".join(word.title() for word in request.node.name.split("_"))[:60]
    monkeypatch.setenv("RETRIEVAL_INDEX", "weaviate")
    monkeypatch.setenv("RETRIEVAL_WEAVIATE_HOST", weaviate.host)
    monkeypatch.setenv("RETRIEVAL_WEAVIATE_HTTP_PORT", str(weaviate.http_port))
    monkeypatch.setenv("RETRIEVAL_WEAVIATE_GRPC_PORT", str(weaviate.grpc_port))
    monkeypatch.setenv("RETRIEVAL_WEAVIATE_COLLECTION", alias)
    monkeypatch.setattr("sidemand.retrieval.command._PATIENCE", 0)
    return alias


@pytest.fixture
def write(weaviate: WeaviateServer, alias: str) -> Write:
    """Write into a generation as retrieval does."""

    async def apply(generation: int, document: KnowledgeEmbedded | EmbeddedCaseDocument) -> None:
        index = WeaviateIndex(address(weaviate), Names(alias, generation))
        await index.open()
        if isinstance(document, KnowledgeEmbedded):
            await index.apply(document)
        else:
            await index.add_case(document)
        await index.close()

    return lambda generation, document: asyncio.run(apply(generation, document))


def rows(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """What the command shows, without its heads."""
    return [line.split() for line in capsys.readouterr().out.splitlines()[1:]]


def test_a_change_of_the_model_there_and_back_and_the_old_generation_removed(
    write: Write,
    kafka: KafkaServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIDEMAND_KAFKA", kafka.bootstrap)
    write(1, FRIST)
    write(2, in_other_model(FRIST))
    write(1, beside(case_document("frist")))
    for typed, behind in ((["generations"], "-"), (["generations", "--compare"], "0")):
        main(typed)
        assert rows(capsys) == [
            ["1", "yes", "prøve-1", "(aaaaaaaa)", "64", "1", "1", "0", behind],
            ["2", "no", "prøve-2", "(bbbbbbbb)", "64", "1", "1", "0", behind],
        ]
    for number, searched in ((2, ["no", "yes"]), (1, ["yes", "no"]), (2, ["no", "yes"])):
        main(["switch", str(number)])
        assert [row[1] for row in rows(capsys)] == searched
    monkeypatch.setenv("RETRIEVAL_WEAVIATE_GENERATION", "2")
    main(["remove", "1"])
    assert [row[0] for row in rows(capsys)] == ["2"]


def test_a_generation_that_lacks_something_is_switched_to_only_by_force(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(1, FRIST)
    write(1, STOL)
    write(2, in_other_model(FRIST))
    write(1, beside(case_document("frist")))
    with pytest.raises(SystemExit, match=r"generation 2 differs .* in 1 documents"):
        main(["switch", "2"])
    main(["switch", "2", "--anyway"])
    assert [row[1] for row in rows(capsys)] == ["no", "yes"]


def test_no_switch_before_cases_come_in_the_new_model(write: Write) -> None:
    write(1, FRIST)
    write(1, case_document("frist"))
    write(2, in_other_model(FRIST))
    with pytest.raises(SystemExit, match=f"no case document .* {ANOTHER_MODEL.model_id}"):
        main(["switch", "2"])


def test_a_model_without_calibration_is_named(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(1, FRIST)
    write(2, in_other_model(FRIST))
    main(["switch", "2", "--anyway"])
    assert "no calibration for prøve-2" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["switch", "1"], "generation 1 is searched already"),
        (["switch", "2"], "generation 2 is empty"),
        (["switch", "3"], "there is no generation 3; there are: 1, 2"),
        (["remove", "1"], "generation 1 is searched"),
        (["remove", "2"], "generation 2 is the one that retrieval writes"),
    ],
)
def test_what_would_lose_something_is_refused(
    typed: list[str],
    said: str,
    alias: str,
    weaviate: WeaviateServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def create() -> None:
        for generation in (1, 2):
            index = WeaviateIndex(address(weaviate), Names("Refusals", generation))
            await index.open()
            await index.close()

    asyncio.run(create())
    monkeypatch.setenv("RETRIEVAL_WEAVIATE_COLLECTION", "Refusals")
    monkeypatch.setenv("RETRIEVAL_WEAVIATE_GENERATION", "2")
    with pytest.raises(SystemExit, match=said):
        main(typed)


def test_an_index_without_generations_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRIEVAL_INDEX", "sqlite")
    with pytest.raises(SystemExit, match="only an index in Weaviate has generations"):
        main(["generations"])


def test_a_weaviate_that_is_away_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRIEVAL_INDEX", "weaviate")
    monkeypatch.setenv("RETRIEVAL_WEAVIATE_HTTP_PORT", "1")
    with pytest.raises(SystemExit, match=r"no Weaviate answers at 127\.0\.0\.1:1"):
        main(["generations"])
