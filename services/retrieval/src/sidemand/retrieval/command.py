"""The command `sidemand-retrieval`: generations of the index in Weaviate.

sidemand-retrieval generations            which there are, which is searched, how much they hold
sidemand-retrieval generations --compare  in how many documents each differs from what is searched
sidemand-retrieval switch N               search generation N from now on; back in the same way
sidemand-retrieval remove N               remove a generation that is no longer wanted

It finds Weaviate and Kafka by the settings of the service: run it where retrieval runs.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError
from sidemand.bus import BusError
from sidemand.bus.errors import Transient
from sidemand.bus.places import forget_place
from sidemand.retrieval.adapters.chosen import (
    NO_GENERATIONS,
    address_of,
    calibrations_in,
    names_of,
    place_of,
)
from sidemand.retrieval.adapters.weaviate import weaviate_at
from sidemand.retrieval.adapters.weaviate_generations import WeaviateGenerations
from sidemand.retrieval.calibration import shipped_calibration
from sidemand.retrieval.generations import Generation
from sidemand.retrieval.settings import Settings
from sidemand.schemas import topics
from sidemand.schemas.text import EmbeddingModel

_PATIENCE: Final = 20.0
"""Seconds in which a generation may become level, before a switch to it is refused."""
_BETWEEN_LOOKS: Final = 1.0
_COLUMNS: Final = "{:>10}  {:<8}  {:<36}  {:>9}  {:>9}  {:>9}  {:>8}  {:>6}\n"


class Refused(Exception):
    """What was asked for would lose or hide something; the message says what to do instead."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command. Ends with one sentence and exit code 1 where something is wrong."""
    chosen = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(chosen))
    except (Refused, BusError) as error:
        raise SystemExit(f"sidemand-retrieval: {error}") from None
    except Transient as error:
        raise SystemExit(f"sidemand-retrieval: {error.reason}: try again later") from None


async def _run(chosen: argparse.Namespace) -> None:
    settings = _settings()
    async with weaviate_at(address_of(settings)) as client:
        generations = WeaviateGenerations(client, names_of(settings))
        if chosen.command == "switch":
            await _switch(generations, chosen.number, settings, anyway=chosen.anyway)
        elif chosen.command == "remove":
            await _remove(generations, chosen.number, settings)
        await _show(generations, compare=chosen.compare)


def _settings() -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        names = {f"RETRIEVAL_{fault['loc'][0]}".upper() for fault in error.errors()}
        raise Refused(f"correct {', '.join(sorted(names))} in the environment") from None
    if settings.index != "weaviate":
        raise Refused(NO_GENERATIONS)
    return settings


async def _switch(
    generations: WeaviateGenerations, number: int, settings: Settings, *, anyway: bool
) -> None:
    wanted = await _found(generations, number)
    if wanted.is_searched:
        raise Refused(f"generation {number} is searched already")
    if wanted.model is None:
        raise Refused(f"generation {number} is empty: fill it first")
    if not anyway:
        await _until_level(generations, wanted)
        if not await generations.cases_come_in(wanted.model):
            raise Refused(
                f"no case document has come with vectors of {wanted.model.model_id}, so cases would"
                " be searched for by their words alone: start embedding with this model as"
                " EMBEDDING_MODEL or EMBEDDING_MODEL_BESIDE, and switch when a case has passed"
            )
    _warn_without_calibration(wanted.model, settings)
    await generations.switch(number)


async def _until_level(generations: WeaviateGenerations, wanted: Generation) -> None:
    """Wait as long as what was published just now may take. Raises `Refused`."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while (behind := await generations.behind(wanted.number)) or wanted.in_other_models:
        if asyncio.get_running_loop().time() > deadline:
            raise Refused(
                f"generation {wanted.number} differs from what is searched in {behind} documents,"
                f" and holds {wanted.in_other_models} passages in another model than its own:"
                " let it be filled first, or switch with --anyway"
            )
        await asyncio.sleep(_BETWEEN_LOOKS)
        wanted = await _found(generations, wanted.number)


def _warn_without_calibration(model: EmbeddingModel, settings: Settings) -> None:
    known = {shipped_calibration().made_from.model_sha256, *calibrations_in(settings.calibrations)}
    if model.sha256 not in known:
        sys.stderr.write(
            f"sidemand-retrieval: no calibration for {model.model_id}: its scores are weighed as"
            " those of another model (sidemand-eval calibrate, RETRIEVAL_CALIBRATIONS)\n"
        )


async def _remove(generations: WeaviateGenerations, number: int, settings: Settings) -> None:
    if (await _found(generations, number)).is_searched:
        raise Refused(f"generation {number} is searched: switch to another one first")
    if number == settings.weaviate_generation:
        raise Refused(
            f"generation {number} is the one that retrieval writes: restart it with"
            " RETRIEVAL_WEAVIATE_GENERATION set to the one that is searched first"
        )
    place = place_of(settings.model_copy(update={"weaviate_generation": number}))
    await forget_place(settings.bus, "retrieval", topics.KNOWLEDGE_EMBEDDED, place)
    await generations.remove(number)


async def _found(generations: WeaviateGenerations, number: int) -> Generation:
    there = {each.number: each for each in await generations.all()}
    if number not in there:
        named = ", ".join(map(str, there)) or "none"
        raise Refused(f"there is no generation {number}; there are: {named}")
    return there[number]


async def _show(generations: WeaviateGenerations, *, compare: bool) -> None:
    heads = ("searched", "model", "dimension", "documents", "passages", "in other", "behind")
    sys.stdout.write(_COLUMNS.format("generation", *heads))
    for each in await generations.all():
        model = each.model
        sys.stdout.write(
            _COLUMNS.format(
                each.number,
                "yes" if each.is_searched else "no",
                f"{model.model_id} ({model.sha256[:8]})" if model else "-",
                model.dimension if model else "-",
                each.documents,
                each.passages,
                each.in_other_models,
                await generations.behind(each.number) if compare else "-",
            )
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sidemand-retrieval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(compare=False)
    commands = parser.add_subparsers(dest="command", required=True)
    look = commands.add_parser("generations", help="which there are, and how much they hold")
    look.add_argument(
        "--compare",
        action="store_true",
        help="also in how many documents each differs from what is searched; reads them all",
    )
    switch = commands.add_parser("switch", help="search a generation from now on")
    switch.add_argument("number", type=int)
    switch.add_argument(
        "--anyway", action="store_true", help="also where it is behind, or no case comes in it"
    )
    remove = commands.add_parser("remove", help="remove a generation")
    remove.add_argument("number", type=int)
    return parser


if __name__ == "__main__":
    main()
