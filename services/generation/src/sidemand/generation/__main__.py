"""Runs generation until it is told to stop."""

import asyncio

from sidemand.generation.app import create

if __name__ == "__main__":
    asyncio.run(create().run())
