"""The command: reads the data, finds the threshold by folds, fits, writes the weights."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from sidemand.generation.support.check import weights_path
from sidemand.generation.training.examples import Examples, examples
from sidemand.generation.training.folds import figures, threshold, unseen_scores
from sidemand.generation.training.regression import fit


def main() -> None:
    """Train with one command; the same data give the same weights."""
    parser = argparse.ArgumentParser(description="Train the check of statements.")
    parser.add_argument("data", type=Path, help="the folder that holds groundedness/")
    parser.add_argument("--out", type=Path, default=weights_path(), help="where the weights go")
    arguments = parser.parse_args()
    try:
        read = examples(arguments.data)
    except OSError as error:
        sys.exit(f"{error.filename} cannot be read: name the folder that holds groundedness/.")
    written = json.dumps(trained(read), indent=1, ensure_ascii=False) + "\n"
    arguments.out.write_text(written, "utf-8")
    sys.stdout.write(written)


def trained(read: Examples) -> Mapping[str, object]:
    """What `weights.json` holds: the threshold, the weights, and figures by the folds."""
    scores = unseen_scores(read)
    least = round(threshold(read, scores), 4)
    seen = ~read.breaks_rule
    regression = fit(read.features[seen], read.is_supported[seen], read.importance[seen])
    usual = read.features[seen & read.is_supported].mean(0)
    bias = float(regression.score(usual[None])[0])
    return {
        "least": least,
        "bias": round(bias, 4),
        "features": {
            name: {"weight": round(float(weight), 4), "usual": round(float(value), 4)}
            for name, weight, value in zip(read.names, regression.weights, usual, strict=True)
        },
        "figures_by_folds": figures(read, scores, least),
    }


if __name__ == "__main__":
    main()
