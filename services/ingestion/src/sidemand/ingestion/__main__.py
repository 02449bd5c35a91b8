"""Runs ingestion until it is told to stop."""

from sidemand.bus import run
from sidemand.ingestion.app import create

if __name__ == "__main__":
    run(create)
