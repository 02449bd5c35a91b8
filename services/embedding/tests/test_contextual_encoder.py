"""The layers that were compared with the shipped encoder; they run in the environment of export."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ENVIRONMENT = Path(os.environ.get("SIDEMAND_EXPORT_ENVIRONMENT") or ROOT / "build/export")
BEGINNING = """
import numpy as np
from contextual import ContextualEncoder
from scipy.sparse import csr_array
from sidemand.embedding.training.contrast import Contrast
from sidemand.embedding.training.encoder import StaticEncoder

features = csr_array(np.eye(40, 64, dtype=np.float32) + np.eye(40, 64, 3, dtype=np.float32))
static = StaticEncoder(features, 16, np.random.default_rng(0))
texts = [np.arange(5), np.array([7]), np.arange(39, 2, -1), np.array([4, 3, 2, 1, 0])]
"""
NOTHING_AT_FIRST = """
contextual = ContextualEncoder(static, layers=2, seed=0)
for side in ("query", "passage"):
    assert np.allclose(contextual.encode(texts, side), static.encode(texts, side), atol=1e-5)
"""
ORDER_AFTERWARDS = """
contextual = ContextualEncoder(static, layers=1, seed=0)
losses = [contextual.train_on(Contrast(texts, texts[::-1])) for _ in range(30)]
assert losses[-1] < losses[0]
forwards, _, _, backwards = contextual.encode(texts, "query")
assert not np.allclose(forwards, backwards, atol=1e-3)
assert np.allclose(contextual.encode(texts[:1], "query"), forwards, atol=1e-5)
"""


@pytest.mark.slow
@pytest.mark.skipif(not (ENVIRONMENT / "ready").exists(), reason="needs infra/export's environment")
@pytest.mark.parametrize(
    "claim", [NOTHING_AT_FIRST, ORDER_AFTERWARDS], ids=["nothing at first", "order afterwards"]
)
def test_layers_of_context_begin_as_the_bag_of_words_and_learn_its_order(claim: str) -> None:
    sources = ("infra/export", "schemas/src", "libs/danish/src", "services/embedding/src")
    path = os.pathsep.join(str(ROOT / source) for source in sources)
    command = [str(ENVIRONMENT / "bin/python"), "-c", BEGINNING + claim]
    ran = subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
