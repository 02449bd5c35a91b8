"""Embedding: our way against sentence-transformers and fastembed, on provisions of Danish law.

python -m tests.bench.bench_embedding measures, with random weights in the shape of e5-small: the
packed int8 and float32 graphs, sentence-transformers in float32 on the same weights, and fastembed
on the same weights exported by optimum; then the model that the package carries; where ONNX Runtime
has CUDA, the packed float16 graphs of e5-small and e5-large against sentence-transformers in
float16. Each in a process of its own, one after the other, on the same passages, with all cores.

It writes build/bench/embedding.json and embedding.svg: texts_per_second, tokens_per_second and
peak_share (of the machine's own int8 or float16 products) of the packed graph, against{name: times
as many texts a second}, ways{name: figures}, static, gpu{shape: the same}, roof, cosines.
The others run in the environment of infra/export: without it (`infra/export/export try` makes it,
5 GB) they are left out and named. Without SIDEMAND_SHARED or ../shared it says so.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime as ort
from sidemand.client.knowledge import Skipped, knowledge_at
from sidemand.embedding.building.folder import Choices, build_folder
from sidemand.embedding.chunking import cut_passages, text_to_embed
from sidemand.embedding.model_files import SHIPPED
from sidemand.embedding.registry import Precision, Prefixes
from sidemand.evaluation.retrieval import read_questions
from sidemand.ingestion.readers import read
from sidemand.schemas.identity import SHARED_TENANT

from .bars import draw
from .embedding_contestant import Task, written
from .matrix_peak import operations_per_second
from .measuring import ROOT, SHARED, machine, table, write
from .random_encoder import LARGE, SMALL, Shape, write_encoder

TEXTS: Final = 120
MANY_TEXTS: Final = 3_000
"""For what is fast: the static model, and a GPU."""
THREADS: Final = os.cpu_count() or 1
ENVIRONMENT: Final = Path(os.environ.get("SIDEMAND_EXPORT_ENVIRONMENT", ROOT / "build" / "export"))
OTHERS: Final = ("sentence_transformers", "fastembed")
PREFIXES: Final = Prefixes(query="", passage="")

Found = dict[str, float]


@dataclass(frozen=True, slots=True)
class Bench:
    """A folder for what is made, and the texts in it."""

    folder: Path
    passages: Sequence[str]

    def task(self, way: str, model: Path, texts: int = TEXTS) -> Task:
        """A task on the CPU, with all cores."""
        chosen = self.folder / f"passages-{texts}.json"
        if not chosen.exists():
            chosen.write_text(json.dumps(self.passages[:texts]), "utf-8")
        return Task(
            way=way,
            folder=str(model),
            texts=str(chosen),
            queries=str(self.folder / "queries.json"),
            vectors=str(self.folder / f"{model.name}-{way}.npy"),
            threads=THREADS,
        )

    def measured(self, task: Task) -> Found | None:
        """The figures of `task`; None, and the reason is printed, where it cannot be measured."""
        is_other = task.way in OTHERS
        python = ENVIRONMENT / "bin/python" if is_other else Path(sys.executable)
        if not python.exists():
            print(f"{task.way} is left out: {ENVIRONMENT} is not there; infra/export/export try")
            return None
        members = (ROOT, ROOT / "schemas/src", ROOT / "services/embedding/src")
        path = ":".join(map(str, members)) if is_other else str(ROOT)
        file = written(task, self.folder / "task.json")
        ended = subprocess.run(
            [python, "-m", "tests.bench.embedding_contestant", file],
            cwd=ROOT,
            check=False,
            env=os.environ | {"PYTHONPATH": path, "HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
        )
        if ended.returncode:
            print(f"{task.way} is left out: {ended.stderr.strip().splitlines()[-1:]}")
            return None
        found: Found = json.loads(ended.stdout.splitlines()[-1])
        print(f"{Path(task.vectors).stem}: {found['texts_per_second']:.1f} texts/s", flush=True)
        return found

    def cosines(self, one: Task, other: Task) -> dict[str, float]:
        """Of the vectors of two tasks on the same texts: the least and the mean."""
        if not Path(one.vectors).exists() or not Path(other.vectors).exists():
            return {}
        likeness = (np.load(one.vectors) * np.load(other.vectors)).sum(1)
        return {"least": float(likeness.min()), "mean": float(likeness.mean())}


@dataclass(frozen=True, slots=True)
class OnCpu:
    """What was found on the CPU."""

    figures: dict[str, object]
    ways: dict[str, Found]
    roofs: Found
    """Tokens a second if there were nothing but products with weights, by precision."""


def passages_of_law() -> list[str]:
    """Every passage of the municipal acts as the model reads it, in an order that stays."""
    found = []
    for document in knowledge_at(SHARED / "data/law/municipal.jsonl.gz", SHARED_TENANT):
        if not isinstance(document, Skipped):
            content = document.content
            text = read(content.text or content.data or b"", content.media_type)
            cut = cut_passages(text.text, text.sections)
            found += [text_to_embed(document.title, passage) for passage in cut]
    random.Random(20261126).shuffle(found)
    return found


def operations_per_token(shape: Shape, tokens_per_text: float) -> float:
    """Additions and multiplications of the products with weights, and of the attention."""
    return shape.layers * (24 * shape.hidden**2 + 4 * shape.hidden * tokens_per_text)


def on_cpu(bench: Bench) -> OnCpu:
    """The shape of e5-small in every way."""
    source = bench.folder / "e5-small"
    write_encoder(source, SMALL, bench.passages)
    tasks = {
        "packed_int8": bench.task("sidemand", built(source, "int8")),
        "packed_fp32": bench.task("sidemand", built(source, "fp32")),
        "sentence_transformers": bench.task("sentence_transformers", source),
    }
    exported = padded(source)
    if exported:
        tasks["fastembed"] = bench.task("fastembed", exported)
    ways = {name: bench.measured(task) for name, task in tasks.items()}
    found = {name: figures for name, figures in ways.items() if figures}
    ours = found["packed_int8"]
    peaks = {kind: operations_per_second(kind, THREADS, "cpu") for kind in ("fp32", "int8")}
    work = operations_per_token(SMALL, ours["tokens_per_text"])
    roofs = {kind: peak / work for kind, peak in peaks.items()}
    reference = tasks["sentence_transformers"]
    figures: dict[str, object] = {
        "texts_per_second": ours["texts_per_second"],
        "tokens_per_second": ours["tokens_per_second"],
        "peak_share": ours["tokens_per_second"] / roofs["int8"],
        "against": ratios(found, ours),
        "ways": found,
        "roof": {
            "operations_per_token": work,
            "operations_per_second": peaks,
            "tokens_per_second": roofs,
        },
        "cosines_with_sentence_transformers": {
            name: bench.cosines(tasks[name], reference) for name in ("packed_int8", "packed_fp32")
        },
    }
    return OnCpu(figures, found, roofs)


def ratios(found: Mapping[str, Found], ours: Found) -> Found:
    """How many times as many texts a second ours has as each of the others."""
    speed = ours["texts_per_second"]
    return {name: speed / found[name]["texts_per_second"] for name in OTHERS if name in found}


def built(source: Path, precision: Precision) -> Path:
    """The packed folder of a source."""
    target = source.with_name(f"{source.name}-{precision}")
    build_folder(source, target, Choices(source.name, "none", PREFIXES, precision))
    return target


def padded(source: Path) -> Path | None:
    """The same by optimum, for fastembed; None, and why, where it cannot be made."""
    if not (ENVIRONMENT / "ready").exists():
        return None
    target = source.with_name(f"{source.name}-padded")
    words = ("--licence", "none", "--query-prefix", "", "--passage-prefix", "")
    ended = subprocess.run(
        [ROOT / "infra/export/export", "export", source, "--out", target, *words],
        check=False,
        capture_output=True,
        text=True,
    )
    if ended.returncode:
        print(f"fastembed is left out: {ended.stderr.strip().splitlines()[-1:]}")
        return None
    for name in ("config.json", "tokenizer_config.json", "special_tokens_map.json"):
        (target / name).write_bytes((source / name).read_bytes())
    return target


def on_gpu(bench: Bench) -> dict[str, object]:
    """Both shapes in float16, where there is CUDA; nothing elsewhere."""
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        print("no GPU is measured: ONNX Runtime has no CUDA here")
        return {}
    peak = operations_per_second("fp16", THREADS, "cuda")
    found: dict[str, object] = {"operations_per_second": peak}
    for name, shape in {"e5-small": SMALL, "e5-large": LARGE}.items():
        source = bench.folder / f"{name}-gpu"
        write_encoder(source, shape, bench.passages)
        ours = bench.task("sidemand", built(source, "fp16"), MANY_TEXTS)
        other = bench.task("sentence_transformers", source, MANY_TEXTS)
        ways = {
            each.way: bench.measured(replace(each, device="cuda", half=True))
            for each in (ours, other)
        }
        some = {way: figures for way, figures in ways.items() if figures}
        work = operations_per_token(shape, some["sidemand"]["tokens_per_text"])
        found[name] = {
            "ways": some,
            "peak_share": some["sidemand"]["tokens_per_second"] * work / peak,
            "against": ratios(some, some["sidemand"]),
            "roof_tokens_per_second": peak / work,
        }
    return found


def report(ways: Mapping[str, Found]) -> None:
    """Print a table. The static model's tokens are words."""
    names = ("texts_per_second", "tokens_per_second", "waste", "memory_mb")
    waits = ("query_p50_ms", "query_p99_ms")
    rows = [[way, *(each[name] for name in (*names, *waits))] for way, each in ways.items()]
    table(["", *names, *waits], rows)


def plot(cpu: OnCpu) -> None:
    """Draw tokens a second of each way under the roofs."""
    speeds = {way: each["tokens_per_second"] for way, each in cpu.ways.items()}
    lines = {f"{kind} products alone": roof for kind, roof in cpu.roofs.items()}
    path = ROOT / "build/bench/embedding.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draw("tokens a second, shape of e5-small", speeds, lines), "utf-8")


def main() -> None:
    """Measure and write the figures."""
    if not (SHARED / "data/law").is_dir():
        print(f"nothing measured: {SHARED}/data/law is not there; set SIDEMAND_SHARED")
        return
    about = {**machine(), "onnxruntime": ort.__version__}
    passages = passages_of_law()
    asked = read_questions(SHARED / "data/retrieval/train/queries_0.jsonl")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), passages)
        queries = json.dumps([question.text for question in asked])
        (bench.folder / "queries.json").write_text(queries, "utf-8")
        static = bench.measured(bench.task("sidemand", SHIPPED, MANY_TEXTS))
        cpu = on_cpu(bench)
        gpu = on_gpu(bench)
    report(cpu.ways | ({"static": static} if static else {}))
    plot(cpu)
    write("embedding", {**cpu.figures, "static": static, "gpu": gpu, "machine": about})


if __name__ == "__main__":
    main()
