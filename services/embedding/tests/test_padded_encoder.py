"""An exported encoder: its rows are padded, and the padding changes nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="needs the extra `building`")
pytest.importorskip("tokenizers", reason="needs the extra `encoder`")

import onnx
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.adapters.padded import rectangles
from sidemand.embedding.ports import ModelError
from sidemand.embedding.registry import EncoderEntry, Prefixes, registered, write_entry

DIMENSION = 8
TEXTS = ["kommunen skal høre parten", "", "frist", "Må vi sende afslaget nu? " * 4]


def write_model(folder: Path, *inputs: str) -> None:
    """The mean of the tokens' rows, of unit length, with what optimum calls its inputs."""
    table = np.random.default_rng(0).normal(0, 1, (400, DIMENSION)).astype(np.float32)
    node = helper.make_node
    graph = helper.make_graph(
        [
            node("Gather", ["table", "input_ids"], ["tokens"]),
            node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            node("Unsqueeze", ["mask", "last"], ["weights"]),
            node("Mul", ["tokens", "weights"], ["counted"]),
            node("ReduceSum", ["counted", "first"], ["summed"], keepdims=0),
            node("LpNormalization", ["summed"], ["vectors"], axis=-1, p=2),
        ],
        "padded",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["text", "token"])
            for name in inputs
        ],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["text", DIMENSION])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([-1]), "last"),
            numpy_helper.from_array(np.array([1]), "first"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, folder / "encoder.onnx")
    entry = EncoderEntry(
        graph="padded",
        model_id="padded-1",
        dimension=DIMENSION,
        context=64,
        padding=1,
        pooling="mean",
        precision="fp32",
        prefixes=Prefixes(query="query: ", passage=""),
        licence="MIT",
        files={name: registered(folder / name) for name in ("encoder.onnx", "tokenizer.json")},
    )
    write_entry(folder, entry)


@pytest.fixture
def folder(make_source: Any, tmp_path: Path) -> Path:
    (tmp_path / "tokenizer.json").write_bytes(
        (make_source().folder / "tokenizer.json").read_bytes()
    )
    return tmp_path


async def test_a_text_has_the_same_vector_alone_and_among_longer_ones(folder: Path) -> None:
    write_model(folder, "input_ids", "attention_mask", "token_type_ids")
    embedder = OnnxEmbedder(folder)
    together = await embedder.passages(TEXTS * 20)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for number, text in enumerate(TEXTS):
        alone = await embedder.passages([text])
        assert np.allclose(together[number :: len(TEXTS)], alone, atol=1e-5)


def test_a_graph_that_reads_something_unknown_is_refused(folder: Path) -> None:
    write_model(folder, "input_ids", "attention_mask", "pixel_values")
    with pytest.raises(ModelError, match="pixel_values"):
        OnnxEmbedder(folder)


@given(st.lists(st.integers(1, 50)), st.integers(1, 300))
def test_padded_batches_take_every_text_once_and_keep_the_budget(
    lengths: list[int], budget: int
) -> None:
    parts = list(rectangles(lengths, budget))
    assert [length for part in parts for length in lengths[part]] == lengths
    for part in parts:
        rows = lengths[part]
        assert len(rows) * max(rows) <= budget or len(rows) == 1
