"""What an operator brings: built, verified, and refused with one sentence that says what to do."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="needs the extra `building`")
pytest.importorskip("tokenizers", reason="needs the extra `encoder`")

from onnx import TensorProto, helper
from sidemand.bus import BusError, BusSettings
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.adapters.sessions import Machine, Session
from sidemand.embedding.app import create
from sidemand.embedding.building.safetensors import Safetensors
from sidemand.embedding.command import main
from sidemand.embedding.handlers import embed_knowledge
from sidemand.embedding.ports import ModelError, OutOfMemory
from sidemand.embedding.registry import Prefixes, read_entry
from sidemand.embedding.settings import Settings
from sidemand.schemas.identity import DocumentRef
from sidemand.schemas.knowledge import KnowledgeRedacted
from sidemand.schemas.text import Section
from sidemand.testing.encoders import write_safetensors

BUILD = ("--licence", "MIT", "--query-prefix", "query: ", "--passage-prefix", "passage: ")


@pytest.fixture(scope="module")
def built(make_source: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("built") / "model"
    main(["build", str(make_source().folder), "--out", str(target), "--id", "small-1", *BUILD])
    return target


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return shutil.copytree(built, tmp_path / "model")


@pytest.fixture
def source(make_source: Any, tmp_path: Path) -> Path:
    return shutil.copytree(make_source().folder, tmp_path / "source")


def refusal(source: Path, *options: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["build", str(source), "--out", str(source / "out"), *BUILD, *options])
    return str(ended.value)


def test_a_built_folder_registers_what_the_model_is_and_every_file(built: Path) -> None:
    entry = read_entry(built)
    assert (entry.model_id, entry.dimension, entry.context) == ("small-1", 32, 64)
    assert (entry.pooling, entry.licence, entry.precision) == ("mean", "MIT", "fp32")
    assert entry.prefixes == Prefixes(query="query: ", passage="passage: ")
    assert {path.name for path in built.iterdir()} == {"model.json", *entry.files}


def test_the_same_folder_is_built_to_the_same_model(built: Path, source: Path) -> None:
    main(["build", str(source), "--id", "small-1", *BUILD])
    assert read_entry(source / "packed").model == read_entry(built).model


def test_another_prefix_is_another_model(built: Path, source: Path) -> None:
    main(["build", str(source), "--id", "small-1", *BUILD, "--query-prefix", ""])
    assert read_entry(source / "packed").model != read_entry(built).model


def test_a_verified_folder_says_how_it_is_used(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["verify", str(built)])
    assert f"EMBEDDING_MODEL={built} EMBEDDING_DIMENSION=32" in capsys.readouterr().out


async def test_questions_and_passages_get_their_own_prefix(built: Path) -> None:
    embedder = OnnxEmbedder(built)
    (query,) = await embedder.queries(["frist"])
    (passage,) = await embedder.passages(["frist"])
    (written_out,) = await embedder.passages([""])
    assert query @ passage < 0.9999
    assert passage @ written_out < 0.9999


async def test_a_document_is_embedded_whole_by_the_model_that_was_brought(built: Path) -> None:
    text = "Kommunen skal høre parten, før den træffer afgørelse i sagen. " * 60
    document = KnowledgeRedacted(
        document=DocumentRef(tenant="faelles", document_id="partshoering"),
        version=1,
        title="Partshøring",
        valid_from=date(2031, 1, 1),
        published_at=datetime(2031, 1, 1, tzinfo=UTC),
        masked=0,
        text=text,
        sections=(Section(start=0, end=len(text)),),
    )
    embedded = await embed_knowledge(document, OnnxEmbedder(built).backfill)
    assert embedded.model == read_entry(built).model
    said = " ".join(each.passage.text for each in embedded.passages)
    assert said.split() == text.split()
    for each in embedded.passages:
        assert np.linalg.norm(each.vector.components) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "name", ["weights.bin", "encoder.cpu.onnx", "encoder.cuda.onnx", "tokenizer.json"]
)
def test_a_missing_truncated_or_tampered_file_is_refused_by_name(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    middle = len(whole) // 2
    tampered = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for damaged, said in ((whole[:-1], "bytes instead of"), (tampered, "sha256")):
        (folder / name).write_bytes(damaged)
        with pytest.raises(ModelError, match=rf"{name} .*{said}.*: build the model again"):
            OnnxEmbedder(folder)
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"cannot read .*{name}: build the model again"):
        OnnxEmbedder(folder)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda entry: entry.pop("dimension"), "dimension"),
        (lambda entry: entry.update(graph="folded"), "graph"),
        (lambda entry: entry["files"].update({"../x": entry["files"]["weights.bin"]}), "files"),
        (lambda entry: entry["prefixes"].pop("query"), "prefixes"),
    ],
)
def test_a_damaged_entry_is_refused_with_what_is_wrong(
    folder: Path, change: Callable[[Any], object], named: str
) -> None:
    entry = json.loads((folder / "model.json").read_text())
    change(entry)
    (folder / "model.json").write_text(json.dumps(entry))
    with pytest.raises(ModelError, match=rf"model\.json is damaged \(.*{named}"):
        OnnxEmbedder(folder)


def test_an_entry_that_lies_about_the_dimension_gives_no_vector(folder: Path) -> None:
    entry = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(entry | {"dimension": 64}))
    with pytest.raises(ModelError, match=r"32 components.* 64"):
        OnnxEmbedder(folder)


def test_a_service_with_a_model_of_another_dimension_than_the_index_does_not_start(
    built: Path,
) -> None:
    with pytest.raises(
        BusError, match=r"32 components and the index has 1024: set EMBEDDING_MODEL"
    ):
        create(Settings(bus=BusSettings(), model=built, dimension=1024))
    assert create(Settings(bus=BusSettings(), model=built, dimension=32)).name == "embedding"


def test_a_service_that_should_use_cuda_and_cannot_does_not_start(built: Path) -> None:
    import onnxruntime as ort

    if "CUDAExecutionProvider" in ort.get_available_providers():
        pytest.skip("this machine has CUDA")
    with pytest.raises(BusError, match=r"install onnxruntime-gpu .* or set EMBEDDING_DEVICE=cpu"):
        create(Settings(bus=BusSettings(), model=built, device="cuda"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model_type": "qwen3"}, "model_type 'qwen3' is none of bert"),
        ({"hidden_act": "relu"}, "hidden_act is 'relu'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"num_attention_heads": 8}, "no multiple of 8 a head"),
        ({"vocab_size": 4}, "two models"),
        ({"intermediate_size": 128}, "intermediate.dense.weight is (64, 32) and config.json says"),
        ({"num_hidden_layers": 3}, "lacks encoder.layer.2"),
    ],
)
def test_a_model_that_cannot_be_built_is_refused_with_the_reason(
    source: Path, changed: dict[str, object], said: str
) -> None:
    config = json.loads((source / "config.json").read_text())
    (source / "config.json").write_text(json.dumps(config | changed))
    assert said in refusal(source)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_source_that_lacks_a_file_is_refused_by_its_name(source: Path, name: str) -> None:
    (source / name).unlink()
    assert name in refusal(source)


def test_a_truncated_download_is_refused(source: Path) -> None:
    path = source / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    assert "describes" in refusal(source)
    path.write_bytes(path.read_bytes()[:50])
    assert "no safetensors file" in refusal(source, "--out", str(source / "other"))


def test_weights_that_half_precision_cannot_hold_are_refused(source: Path) -> None:
    tensors: dict[str, Any] = {
        name: np.array(values) for name, values in Safetensors(source / "model.safetensors").items()
    }
    tensors["embeddings.LayerNorm.bias"][0] = 1e6
    write_safetensors(source / "model.safetensors", tensors)
    assert "embeddings.LayerNorm.bias holds what fp16 cannot" in refusal(
        source, "--precision", "fp16"
    )


def test_a_pooling_that_is_not_stated_has_to_be_chosen(source: Path) -> None:
    shutil.rmtree(source / "1_Pooling")
    assert "add --pooling mean or cls" in refusal(source)
    main(["build", str(source), "--pooling", "cls", *BUILD])
    assert read_entry(source / "packed").pooling == "cls"


def test_layers_after_the_pooling_are_refused(source: Path) -> None:
    parts = [{"type": f"sentence_transformers.models.{name}"} for name in ("Transformer", "Dense")]
    (source / "modules.json").write_text(json.dumps(parts))
    assert "ends with Dense" in refusal(source)


def test_a_folder_with_something_in_it_is_not_written_over(source: Path) -> None:
    main(["build", str(source), *BUILD])
    with pytest.raises(SystemExit, match="packed is not empty"):
        main(["build", str(source), *BUILD])


def test_bfloat16_weights_are_read_as_they_are_meant(tmp_path: Path) -> None:
    values = np.array([1.0, -0.5, 3.140625], np.float32)
    write_safetensors(tmp_path / "w", {"w": (values.view(np.uint32) >> 16).astype(np.uint16)})
    assert list(Safetensors(tmp_path / "w")["w"]) == list(values)


def test_a_graph_that_gives_no_number_gives_no_vector(source: Path) -> None:
    tensors: dict[str, Any] = {
        name: np.array(values) for name, values in Safetensors(source / "model.safetensors").items()
    }
    tensors["encoder.layer.1.output.dense.weight"][:] = 3e38
    write_safetensors(source / "model.safetensors", tensors)
    assert "no number: build it with fp32" in refusal(source)


def test_a_run_beyond_the_devices_memory_is_told_from_other_failures() -> None:
    node = helper.make_node("ConstantOfShape", ["shape"], ["vectors"])
    shape = helper.make_tensor_value_info("shape", TensorProto.INT64, [2])
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["text", 4])
    model = helper.make_model(
        helper.make_graph([node], "boundless", [shape], [vectors]),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    session = Session(model.SerializeToString(), Machine(), dimension=4)
    assert session({"shape": np.array([2, 4], np.int64)}).shape == (2, 4)
    with pytest.raises(OutOfMemory):
        session({"shape": np.array([1 << 46, 4], np.int64)})  # more than can be addressed
    with pytest.raises(Exception, match=r"(?i)shape") as failed:
        session({"shape": np.array([-1, 4], np.int64)})
    assert not isinstance(failed.value, OutOfMemory)
