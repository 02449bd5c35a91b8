"""The command `sidemand-model`: builds and verifies the folder of an encoder.

sidemand-model build  FOLDER   graphs without padding from config.json and model.safetensors
sidemand-model verify FOLDER   hashes, loading, and that a text's vector does not depend on others
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sidemand.embedding.adapters.loading import is_registered
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.ports import Device, ModelError, Vectors
from sidemand.embedding.registry import Prefixes, read_entry

_TEXTS = (
    "Kommunen skal høre parten, før den træffer afgørelse.",
    "",
    "Må vi sende afslaget nu?",
    "Boligstøtte udbetales månedsvis forud til lejeren. " * 40,
)
_ALIKE = {"cpu": 0.999_999, "cuda": 0.9999}
"""Least cosine of a text's vector alone and among others; half precision sums in another order."""
_ALIKE_INT8 = 0.98
"""The same where products measure the range of all that they read."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command. Ends with one sentence and exit code 1 where something is wrong."""
    chosen = _parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except ModelError as error:
        raise SystemExit(f"sidemand-model: {error}") from None


def _build(chosen: argparse.Namespace) -> None:
    try:
        from sidemand.embedding.building.folder import Choices, build_folder
    except ImportError as error:
        raise ModelError(f"{error}: pip install 'sidemand-embedding[building]'") from error
    choices = Choices(
        model_id=chosen.id or chosen.folder.resolve().name,
        licence=chosen.licence,
        prefixes=Prefixes(query=chosen.query_prefix, passage=chosen.passage_prefix),
        precision=chosen.precision,
        pooling=chosen.pooling,
    )
    target = chosen.out or chosen.folder / "packed"
    build_folder(chosen.folder, target, choices)
    _report(target, "cpu")


def _verify(chosen: argparse.Namespace) -> None:
    _report(chosen.folder, chosen.device)


def _report(folder: Path, device: Device) -> None:
    embedder = OnnxEmbedder(folder, device=device)
    together, alone = asyncio.run(_embedded(embedder))
    likeness = float((together * alone).sum(1).min())
    is_int8 = is_registered(folder) and read_entry(folder).precision == "int8"
    if likeness < (_ALIKE_INT8 if is_int8 else _ALIKE[device]):
        raise ModelError(f"a text's vector among others has cosine {likeness:.6f}: report this")
    model = embedder.model
    _say(f"{folder}: {model.model_id}, {model.dimension} components, verified on {device}")
    _say(f"EMBEDDING_MODEL={folder} EMBEDDING_DIMENSION={model.dimension}")


async def _embedded(embedder: OnnxEmbedder) -> tuple[Vectors, Vectors]:
    alone = [await embedder.passages([text]) for text in _TEXTS]
    return await embedder.passages(_TEXTS), np.concatenate(alone)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sidemand-model",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="build a model folder")
    build.set_defaults(run=_build)
    build.add_argument("folder", type=Path, help="config.json, model.safetensors, tokenizer.json")
    build.add_argument("--out", type=Path, help="a new folder; FOLDER/packed where none is named")
    build.add_argument("--id", help="name and version; the folder's name where none is given")
    build.add_argument("--licence", required=True, help="of the weights, as their publisher says")
    build.add_argument("--query-prefix", required=True, help="'query: ' for e5, '' for none")
    build.add_argument("--passage-prefix", required=True, help="'passage: ' for e5, '' for none")
    build.add_argument("--precision", choices=("fp32", "fp16", "int8"), default="fp32")
    build.add_argument("--pooling", choices=("mean", "cls"), help="where the folder says none")
    verify = commands.add_parser("verify", help="verify a model folder")
    verify.set_defaults(run=_verify)
    verify.add_argument("folder", type=Path)
    verify.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
