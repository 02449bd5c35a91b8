"""A model as it lies in a folder: `model.json` with what it is, and the ONNX file that it names."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sidemand.embedding.features import FeatureHashing
from sidemand.embedding.ports import ModelError

SHIPPED = Path(__file__).parent / "model"
"""The model that comes with the package; `MODEL.md` beside it says how it was made."""


@dataclass(frozen=True, slots=True)
class StaticModel:
    """What `model.json` says. Vectors have `dimension` components and unit length."""

    model_id: str
    sha256: str
    """Of the ONNX file, lower-case hexadecimal."""
    dimension: int
    hashing: FeatureHashing
    file: str = "encoder.onnx"


def read_model(folder: Path) -> tuple[StaticModel, bytes]:
    """The model in `folder` and its ONNX file. Raises `ModelError` unless they belong together."""
    try:
        described = json.loads((folder / "model.json").read_text("utf-8"))
        hashing = described["hashing"]
        model = StaticModel(
            model_id=described["model_id"],
            sha256=described["sha256"],
            dimension=described["dimension"],
            hashing=FeatureHashing(
                buckets=hashing["buckets"],
                ngrams=tuple(hashing["ngrams"]),
                longest_text=hashing["longest_text"],
            ),
            file=described["file"],
        )
        weights = (folder / model.file).read_bytes()
    except OSError as error:
        raise ModelError(
            f"cannot read {error.filename}: build the model again, or install the package anew"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder / 'model.json'} is damaged: install the package anew") from error
    if hashlib.sha256(weights).hexdigest() != model.sha256:
        raise ModelError(
            f"{folder / model.file} is not the file that model.json describes (its sha256 differs):"
            " install the package anew, or train the model again"
        )
    return model, weights


def write_model(folder: Path, model: StaticModel, weights: bytes) -> None:
    """Write the ONNX file and what describes it; `model.sha256` is that of `weights`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / model.file).write_bytes(weights)
    described = json.dumps(asdict(model), ensure_ascii=False, indent=2, sort_keys=True)
    (folder / "model.json").write_text(described + "\n", "utf-8")
