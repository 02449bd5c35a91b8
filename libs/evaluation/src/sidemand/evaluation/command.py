"""The command `sidemand-eval`: each part of Sidemand measured on data with known answers."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sidemand.client import ClientError
from sidemand.embedding.adapters.onnx import OnnxEmbedder
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.ports import ModelError
from sidemand.evaluation import fairness as names
from sidemand.evaluation import groundedness as sentences
from sidemand.evaluation import redaction as texts
from sidemand.evaluation.calibrating import calibrate as fit
from sidemand.evaluation.cases import measure_answers, measure_cases
from sidemand.evaluation.data import DataError, located
from sidemand.evaluation.peers import measure_peer
from sidemand.evaluation.retrieval import measure_questions, read_questions, read_training
from sidemand.generation.adapters.extractive import ExtractiveWriter
from sidemand.ingestion.registry_file import RegistryError
from sidemand.observability import configure_logs
from sidemand.redaction import special
from sidemand.redaction.finding import Finder
from sidemand.redaction.tagger import Tagger, shipped_weights
from sidemand.retrieval.calibration import FILE_NAME

T = TypeVar("T")

app = typer.Typer(
    name="sidemand-eval",
    help="Measure Sidemand's own code on data with known answers; shares are 0 to 1.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_LAW = "law/municipal.jsonl.gz"
_STATEMENTS = 12

Data = Annotated[Path, typer.Argument(help="The folder of the shared data, or one file of it.")]
Samples = Annotated[Path, typer.Argument(help="A folder with cases, guidance and registries.")]
Law = Annotated[Path | None, typer.Option(help="A law file to search in.")]
Model = Annotated[Path, typer.Option(help="The folder of another embedding model.")]
Out = Annotated[Path | None, typer.Option(help="A file for it, in place of the package's own.")]
Against = Annotated[
    list[str] | None, typer.Option(help="A peer on the same texts in the same run: presidio.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def redaction(data: Data, against: Against = None, as_json: AsJson = False) -> None:
    """Personal data in marked case texts: pii/dev.jsonl."""

    def figures() -> Mapping[str, object]:
        documents = texts.read_marked(located(data, "pii/dev.jsonl"))
        finder = Finder(Tagger(*shipped_weights()), special=special.shipped())
        ours = texts.measure(documents, finder)
        theirs = {name: measure_peer(name, documents) for name in against or ()}
        return {**ours, "against": theirs} if theirs else ours

    _tell(_done(figures), as_json=as_json)


@app.command()
def fairness(data: Data, as_json: AsJson = False) -> None:
    """Whether persons of every group are found as well: pii/dev.jsonl with other names."""

    def figures() -> Mapping[str, object]:
        path = located(data, "pii/dev.jsonl")
        dimensions = dict(names.GROUPS)
        lists = path.parent.parent / "names"
        if lists.is_dir():
            dimensions["rarity"] = names.by_rarity(lists)
        finder = Finder(Tagger(*shipped_weights()))
        return names.measure_fairness(texts.read_marked(path), finder, dimensions)

    _tell(_done(figures), as_json=as_json)


@app.command()
def retrieval(
    data: Data,
    law: Law = None,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Training questions that the encoder never saw.")
    ] = False,
    redacted: Annotated[
        bool, typer.Option("--redacted", help="Ask what redaction leaves of each question.")
    ] = False,
    model: Model = SHIPPED,
    as_json: AsJson = False,
) -> None:
    """Questions to the law: retrieval/municipal_dev.jsonl in law/municipal.jsonl.gz."""

    def figures() -> Mapping[str, object]:
        if held_out and data.is_file():
            raise DataError("--held-out needs the folder of the shared data, and not one file.")
        if held_out:
            answerable, unanswerable = read_training(data)
            questions = [*answerable, *unanswerable]
        else:
            questions = read_questions(located(data, "retrieval/municipal_dev.jsonl"))
        if redacted:
            finder = Finder(Tagger(*shipped_weights()))
            questions = [
                replace(each, text=texts.behind_the_gate(each.text, finder)) for each in questions
            ]
        acts = law or located(data.parent.parent if data.is_file() else data, _LAW)
        return asyncio.run(measure_questions(acts, questions, OnnxEmbedder(model)))

    _tell(_done(figures), as_json=as_json)


@app.command()
def groundedness(data: Data, as_json: AsJson = False) -> None:
    """Sentences that a source carries or not: groundedness/dev.jsonl."""

    def figures() -> Mapping[str, object]:
        return sentences.measure(sentences.read_sentences(located(data, "groundedness/dev.jsonl")))

    _tell(_done(figures), as_json=as_json)


@app.command()
def answers(
    data: Samples, law: Law = None, model: Model = SHIPPED, as_json: AsJson = False
) -> None:
    """What the services answer to sample cases, by the writer without a language model."""

    def figures() -> Mapping[str, object]:
        writer = ExtractiveWriter(_STATEMENTS)
        return asyncio.run(measure_answers(data, law, OnnxEmbedder(model), writer))

    _tell(_done(figures), as_json=as_json)


@app.command()
def cases(data: Samples, law: Law = None, model: Model = SHIPPED, as_json: AsJson = False) -> None:
    """What retrieval offers for sample cases."""

    def figures() -> Mapping[str, object]:
        return asyncio.run(measure_cases(data, law, OnnxEmbedder(model)))

    _tell(_done(figures), as_json=as_json)


@app.command()
def calibrate(data: Data, model: Model = SHIPPED, out: Out = None) -> None:
    """Fit retrieval's calibration to training questions, and write it into the package or `out`."""
    fitted = _done(lambda: asyncio.run(fit(data, OnnxEmbedder(model)))).model_dump()
    written = json.dumps(fitted, ensure_ascii=False, indent=2) + "\n"
    target = out or Path(str(resources.files("sidemand.retrieval") / FILE_NAME))
    target.write_text(written, "utf-8")
    sys.stdout.write(written)


def main() -> None:
    """Run the command."""
    configure_logs("ERROR", "console")
    app()


def _done(job: Callable[[], T]) -> T:
    """Do `job`. What it cannot do is one sentence on standard error, and exit code 1."""
    try:
        return job()
    except (DataError, ClientError, ModelError, RegistryError) as error:
        typer.echo(f"sidemand-eval: {error}", err=True)
        raise typer.Exit(1) from None


def _tell(figures: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    for name, figure in _one_by_one(figures):
        number = f"{figure:.3f}" if isinstance(figure, float) else figure
        sys.stdout.write(f"{name}: {number}\n")


def _one_by_one(figures: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, figure in figures.items():
        if isinstance(figure, Mapping):
            yield from ((f"{name} {part}", value) for part, value in _one_by_one(figure))
        else:
            yield name, figure
