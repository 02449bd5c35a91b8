"""Runs re-embedding until it is told to stop."""

from sidemand.bus import run
from sidemand.reembedding.app import create

if __name__ == "__main__":
    run(create)
