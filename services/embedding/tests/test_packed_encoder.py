"""The packed graph against the same architecture written in numpy, one text at a time."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("onnx", reason="needs the extra `building`")
pytest.importorskip("tokenizers", reason="needs the extra `encoder`")

import onnx
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.adapters.packed import PackedOnnx, fillers, packed, rounded
from sidemand.embedding.adapters.sessions import Machine
from sidemand.embedding.building.architecture import read_architecture
from sidemand.embedding.building.folder import Choices, build_folder
from sidemand.embedding.building.graph import check_fused
from sidemand.embedding.ports import ModelError
from sidemand.embedding.registry import Precision, Prefixes, read_entry

TEXTS = [
    "kommunen skal høre parten",
    "",
    "Må vi sende afslaget nu?",
    "frist",
    "borgeren og kommunen: § 19, stk. 2 😀\u200b\x00",
]


def choices(precision: Precision = "fp32") -> Choices:
    prefixes = Prefixes(query="query: ", passage="passage: ")
    return Choices("small-1", "MIT", prefixes, precision)


@pytest.fixture(scope="module")
def folder(make_source: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("built") / "model"
    build_folder(make_source().folder, target, choices())
    return target


@pytest.fixture(scope="module")
def embedder(folder: Path) -> OnnxEmbedder:
    return OnnxEmbedder(folder)


def reference(source: Any, text: str, pooling: str = "mean") -> NDArray[np.float64]:
    """A text's unit vector, as the papers describe it: nothing packed, nothing fused."""
    tokenizer = tokenizers.Tokenizer.from_file(str(source.folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    config, weights = source.config, source.weights
    ids = tokenizer.encode(text).ids
    first = config["pad_token_id"] + 1 if config["model_type"] == "xlm-roberta" else 0
    x = (
        weights["embeddings.word_embeddings.weight"][ids]
        + weights["embeddings.position_embeddings.weight"][first : first + len(ids)]
        + weights["embeddings.token_type_embeddings.weight"][0]
    ).astype(np.float64)

    def norm(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = values - values.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + config["layer_norm_eps"])
        return np.asarray(
            centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"], np.float64
        )

    def dense(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(
            values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"], np.float64
        )

    x = norm("embeddings.LayerNorm", x)
    size = config["hidden_size"] // config["num_attention_heads"]
    for layer in (f"encoder.layer.{number}" for number in range(config["num_hidden_layers"])):
        query, key, value = (
            dense(f"{layer}.attention.self.{part}", x) for part in ("query", "key", "value")
        )
        looked = np.empty_like(x)
        for start in range(0, config["hidden_size"], size):
            head = slice(start, start + size)
            scores = np.exp(query[:, head] @ key[:, head].T / math.sqrt(size))
            looked[:, head] = scores / scores.sum(1, keepdims=True) @ value[:, head]
        attended = dense(f"{layer}.attention.output.dense", looked)
        x = norm(f"{layer}.attention.output.LayerNorm", x + attended)
        inner = dense(f"{layer}.intermediate.dense", x)
        inner = inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2))) / 2
        x = norm(f"{layer}.output.LayerNorm", x + dense(f"{layer}.output.dense", inner))
    pooled = x.mean(0) if pooling == "mean" else x[0]
    unit: NDArray[np.float64] = pooled / np.linalg.norm(pooled)
    return unit


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
async def test_a_packed_batch_gives_the_vectors_of_the_architecture(
    make_source: Any, tmp_path: Path, kind: str, pooling: str, precision: Precision
) -> None:
    source = make_source(kind, pooling)
    build_folder(source.folder, tmp_path / "model", choices(precision))
    vectors = await OnnxEmbedder(tmp_path / "model").queries(TEXTS)
    expected = [reference(source, f"query: {text}", pooling) for text in TEXTS]
    likeness = (vectors * np.array(expected)).sum(1)
    assert likeness.min() >= (0.9999 if precision == "fp32" else 0.999)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


async def test_int8_weights_give_nearly_the_vectors_of_the_architecture(
    make_source: Any, tmp_path: Path
) -> None:
    source = make_source()
    build_folder(source.folder, tmp_path / "model", choices("int8"))
    vectors = await OnnxEmbedder(tmp_path / "model").queries(TEXTS)
    expected = np.array([reference(source, f"query: {text}") for text in TEXTS])
    assert (vectors * expected).sum(1).min() >= 0.98
    assert list((vectors @ expected.T).argmax(1)) == list(range(len(TEXTS)))


def test_int8_weights_take_a_quarter_of_the_memory(make_source: Any, tmp_path: Path) -> None:
    source = make_source()
    for precision in ("fp32", "int8"):
        build_folder(source.folder, tmp_path / precision, choices(precision))
    tensors = [
        onnx.load(tmp_path / precision / "encoder.cpu.onnx", load_external_data=False)
        for precision in ("fp32", "int8")
    ]
    large, small = (
        sum(
            int(entry.value)
            for w in model.graph.initializer
            for entry in w.external_data
            if entry.key == "length"
        )
        for model in tensors
    )
    assert small < 0.4 * large  # norms, biases and positions stay as they are


def test_int8_weights_stay_within_the_range_that_no_cpu_overflows(
    make_source: Any, tmp_path: Path
) -> None:
    build_folder(make_source().folder, tmp_path / "model", choices("int8"))
    model = onnx.load(tmp_path / "model/encoder.cpu.onnx")
    weights = {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}
    matrices = [
        weights[node.input[1]]
        for node in model.graph.node
        if node.op_type == "DynamicQuantizeMatMul"
    ]
    assert len(matrices) == 4 * 2
    assert all(each.dtype == np.int8 and abs(each).max() <= 63 for each in matrices)


def test_an_int8_folder_is_refused_where_cuda_is_asked_for(
    make_source: Any, tmp_path: Path
) -> None:
    build_folder(make_source().folder, tmp_path / "model", choices("int8"))
    with pytest.raises(ModelError, match="no graph for cuda: build it with --precision fp16"):
        OnnxEmbedder(tmp_path / "model", device="cuda")


async def test_the_tokenisers_own_truncation_is_switched_off(embedder: OnnxEmbedder) -> None:
    one, other = await embedder.passages(["kommunen " * 20 + "støtte", "kommunen " * 20 + "frist"])
    assert one @ other < 0.9999


async def test_a_text_has_the_same_vector_alone_and_among_others(embedder: OnnxEmbedder) -> None:
    together = await embedder.passages(TEXTS * 50)
    for number, text in enumerate(TEXTS):
        assert np.allclose(
            together[number :: len(TEXTS)], await embedder.passages([text]), atol=1e-4
        )


@pytest.mark.parametrize(
    "text",
    ["kommunen skal høre parten " * 60, "x" * 5_000, " ".join("æøå" * 900), "\u0301😀" * 900],
    ids=["words", "one enormous word", "letters", "emoji and accents"],
)
def test_a_text_longer_than_the_context_is_cut_and_nothing_is_left_out(
    folder: Path, text: str
) -> None:
    encoder = PackedOnnx(folder, read_entry(folder), Machine())
    context = read_entry(folder).context
    ((*pieces,),) = encoder.read([text], "passage")
    assert max(len(piece) for piece in pieces) <= context
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    whole = tokenizer.encode(text, add_special_tokens=False).ids
    around = len(encoder.read([""], "passage")[0][0])
    assert sum(len(piece) - around for piece in pieces) >= len(whole) - len(pieces)


async def test_a_long_texts_vector_depends_on_its_end(embedder: OnnxEmbedder) -> None:
    start = "kommunen skal høre parten " * 40
    one, other, same = await embedder.passages(
        [start + "støtte " * 60, start + "frist " * 60, start]
    )
    assert one @ other < 0.9999
    assert np.linalg.norm(same) == pytest.approx(1, abs=1e-5)


@settings(max_examples=20)
@given(texts=st.lists(st.text(max_size=200), min_size=1, max_size=5))
async def test_every_text_has_a_vector_of_length_one(
    embedder: OnnxEmbedder, texts: list[str]
) -> None:
    vectors = await embedder.passages(texts)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_every_tokens_offset_is_where_it_would_lie_if_the_texts_were_padded(
    lengths: list[int],
) -> None:
    inputs = packed([np.arange(length) for length in lengths], first_position=2)
    offsets = inputs["token_offset"].ravel()
    longest = max(lengths)
    real = [row * longest + place for row, length in enumerate(lengths) for place in range(length)]
    assert list(offsets[: sum(lengths)]) == real
    assert sorted(offsets) == list(range(len(lengths) * longest))
    assert list(inputs["positions"] - 2) == list(inputs["input_ids"])
    assert list(np.diff(inputs["cumulative_lengths"])) == lengths


@given(st.integers(1, 20_000))
def test_batches_have_few_sizes_and_waste_little(tokens: int) -> None:
    size = rounded(tokens)
    assert tokens <= size <= max(tokens + 1, tokens * 9 / 8)
    assert size <= 16 or size % (1 << (size.bit_length() - 4)) == 0
    assert sum(map(len, fillers(size - tokens, 512))) == size - tokens


def test_a_batch_filled_up_to_a_round_size_gives_the_same_vectors(folder: Path) -> None:
    encoder = PackedOnnx(folder, read_entry(folder), Machine())
    pieces = [piece for text in encoder.read(TEXTS, "query") for piece in text]
    bare = encoder.encode(pieces, "query")
    filled = encoder.encode([*pieces, *fillers(70, context=64)], "query")
    assert len(filled) == len(bare) + 2
    assert np.allclose(filled[: len(bare)], bare, atol=1e-5)


def test_the_graph_for_cuda_has_the_fused_operators_of_every_layer(
    make_source: Any, folder: Path
) -> None:
    architecture = read_architecture(make_source().folder)
    model = onnx.load(folder / "encoder.cuda.onnx", load_external_data=False)
    check_fused(model, architecture)
    (first, *_) = (node for node in model.graph.node if node.op_type == "PackedMultiHeadAttention")
    query, key, value, bias, *_ = first.input
    assert len({query, key, value}) == 3
    assert not bias  # with a bias the kernel would copy all three
    model.graph.node.remove(first)
    with pytest.raises(ModelError, match="PackedMultiHeadAttention"):
        check_fused(model, architecture)


def test_both_graphs_are_small_and_share_their_weights(folder: Path) -> None:
    for name in ("encoder.cpu.onnx", "encoder.cuda.onnx"):
        model = onnx.load(folder / name, load_external_data=False)
        files = {
            each.value
            for w in model.graph.initializer
            for each in w.external_data
            if each.key == "location"
        }
        assert files == {"weights.bin"}
        assert (folder / name).stat().st_size < 60_000
