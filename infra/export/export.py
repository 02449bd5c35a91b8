"""Exports encoders that `sidemand-model build` does not know, and compares both with PyTorch."""

import argparse
import sys
import tempfile
from pathlib import Path

import exporting
import random_models
import reference
import transformers
from sidemand.embedding.ports import ModelError
from sidemand.embedding.registry import Prefixes

TEXTS = (
    "Kommunen skal høre parten, før den træffer afgørelse.",
    "Må vi sende afslaget nu?",
    "Boligstøtte udbetales månedsvis forud til lejeren.",
    "frist",
    "",
)
LEAST = {"fp32": 0.9999, "fp16": 0.999, "int8": 0.98}
"""Cosine with PyTorch in float32 that every text has at least."""


def main() -> None:
    """Run the command. Ends with one sentence and exit code 1 where something is wrong."""
    transformers.logging.set_verbosity_error()  # it warns of a pooler that nobody asks for
    chosen = _parser().parse_args()
    try:
        chosen.run(chosen)
    except ModelError as error:
        raise SystemExit(f"export: {error}") from None


def _export(chosen: argparse.Namespace) -> None:
    choices = exporting.Choices(
        model_id=chosen.id or chosen.folder.resolve().name,
        licence=chosen.licence,
        prefixes=Prefixes(query=chosen.query_prefix, passage=chosen.passage_prefix),
        precision=chosen.precision,
        pooling=chosen.pooling,
    )
    exporting.export_folder(chosen.folder, chosen.out, choices)
    _compared(chosen.folder, chosen.out, TEXTS)


def _compare(chosen: argparse.Namespace) -> None:
    texts = chosen.texts.read_text("utf-8").splitlines() if chosen.texts else TEXTS
    _compared(chosen.folder, chosen.model, texts)


def _compared(source: Path, model: Path, texts: list[str] | tuple[str, ...]) -> None:
    found = reference.compare(source, model, texts)
    sys.stdout.write(
        f"{model}: {len(texts)} texts, {found.precision}, cosine with PyTorch"
        f" {found.least:.6f} at least, {found.mean:.6f} on average, {found.others:.3f} with another"
        f" text; {found.seconds:.1f} s of"
        f" processor time, PyTorch {found.reference_seconds:.1f} s\n"
    )
    if found.least < LEAST[found.precision]:
        raise ModelError(f"{model} differs too much from {source}: do not use it")


def _try(chosen: argparse.Namespace) -> None:
    """Random weights of the shapes in `random_models`, built and exported in every precision."""
    for name, shape in random_models.SHAPES.items():
        if chosen.shape not in (None, name):
            continue
        with tempfile.TemporaryDirectory() as place:
            source = Path(place) / name
            random_models.make(source, shape)
            choices = exporting.Choices(name, "none", Prefixes(query="query: ", passage=""))
            for model in random_models.built(source, choices):
                _compared(source, model, TEXTS)


def _encoders(chosen: argparse.Namespace) -> None:
    import encoders

    encoders.compare(chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="infra/export/export", description=__doc__)
    commands = parser.add_subparsers(required=True)
    export = commands.add_parser("export", help="export, optimise, quantise, compare, register")
    export.set_defaults(run=_export)
    export.add_argument("folder", type=Path, help="as Hugging Face lays out a model")
    export.add_argument("--out", type=Path, required=True, help="a new folder")
    export.add_argument("--id", help="name and version; the folder's name where none is given")
    export.add_argument("--licence", required=True, help="of the weights")
    export.add_argument("--query-prefix", required=True, help="'query: ' for e5, '' for none")
    export.add_argument("--passage-prefix", required=True, help="'passage: ' for e5, '' for none")
    export.add_argument("--precision", choices=("fp32", "int8"), default="fp32")
    export.add_argument("--pooling", choices=("mean", "cls"), help="where the folder says none")
    compare = commands.add_parser("compare", help="compare a model folder with PyTorch")
    compare.set_defaults(run=_compare)
    compare.add_argument("folder", type=Path, help="as Hugging Face lays out a model")
    compare.add_argument("model", type=Path, help="what was built or exported from it")
    compare.add_argument("--texts", type=Path, help="a text on each line")
    trial = commands.add_parser("try", help="do it all with random weights of known shapes")
    trial.set_defaults(run=_try)
    trial.add_argument("--shape", choices=tuple(random_models.SHAPES))
    _add_encoders(
        commands.add_parser("encoders", help="compare ways to train the one that is shipped")
    )
    return parser


def _add_encoders(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_encoders)
    parser.add_argument("data", type=Path, help="the folder with law/, retrieval/ and parallel/")
    parser.add_argument("--teacher", type=Path, required=True, help="sentence-transformers' folder")
    parser.add_argument("--fold", type=int, default=0, help="the fifth that is asked")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--layers", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--passes", type=int, default=3, help="over the questions")
    parser.add_argument("--pairs", type=int, help="of English and Danish; else all")
    parser.add_argument("--cloze-steps", type=int, default=20, help="of the layers on the law")


if __name__ == "__main__":
    main()
