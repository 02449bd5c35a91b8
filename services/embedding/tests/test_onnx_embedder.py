import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.ports import Embedder, ModelError

PASSAGES = [
    "§ 25. Boligstøtte udbetales månedsvis forud af Udbetaling Danmark til lejeren.",
    "§ 19. Parten skal have lejlighed til at udtale sig, før myndigheden træffer afgørelse.",
    "§ 116. Kommunen yder støtte til boligindretning til personer med varigt nedsat funktionsevne.",
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return OnnxEmbedder()


async def test_a_question_is_nearest_to_the_passage_that_answers_it(embedder: Embedder) -> None:
    questions = [
        "hvornår kommer pengene til huslejen?",
        "Skal vi høre borgeren, inden vi afgør sagen?",
        "kan jeg få lavet badeværelset om så jeg kan komme ind i kørestol",
    ]
    likeness = await embedder.queries(questions) @ (await embedder.passages(PASSAGES)).T
    assert list(likeness.argmax(1)) == [0, 1, 2]


async def test_a_text_has_the_same_vector_alone_and_among_others(embedder: Embedder) -> None:
    together = await embedder.passages(PASSAGES * 300)
    alone = await embedder.passages(PASSAGES[:1])
    assert np.allclose(together[::3], alone, atol=1e-5)


async def test_the_empty_text_and_no_text_can_be_embedded(embedder: Embedder) -> None:
    assert (await embedder.passages([""])).shape == (1, embedder.model.dimension)
    assert (await embedder.passages([])).shape == (0, embedder.model.dimension)


@settings(max_examples=30)
@given(texts=st.lists(st.text(max_size=50), min_size=1, max_size=5))
def test_every_vector_has_length_one(embedder: Embedder, texts: list[str]) -> None:
    vectors = asyncio.run(embedder.passages(texts))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


@pytest.mark.parametrize(
    "text",
    ["x" * 100_000, "kommunen skal høre parten " * 8_000, "😀\u200b\u0301\x00\x1f " * 5_000],
    ids=["one enormous word", "many words", "emoji and control characters"],
)
async def test_a_text_of_any_kind_and_length_has_a_vector(embedder: Embedder, text: str) -> None:
    (vector,) = await embedder.queries([text])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


async def test_the_event_loop_moves_while_texts_are_embedded(embedder: Embedder) -> None:
    turns = 0
    work = asyncio.create_task(embedder.passages(PASSAGES * 400))
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10


def test_the_shipped_model_fits_into_the_package() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 20_000_000


def test_changed_weights_are_refused_with_the_reason(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "model")
    with (tmp_path / "model/encoder.onnx").open("ab") as weights:
        weights.write(b"\0")
    with pytest.raises(ModelError, match=r"encoder\.onnx is not the file that model\.json"):
        OnnxEmbedder(tmp_path / "model")


def test_a_missing_model_is_refused_with_the_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot read .*model\.json"):
        OnnxEmbedder(tmp_path)


def test_a_damaged_description_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text('{"model_id": "x"}')
    with pytest.raises(ModelError, match="is damaged"):
        OnnxEmbedder(tmp_path)
