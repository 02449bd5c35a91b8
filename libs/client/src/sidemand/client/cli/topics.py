"""`sidemand topics`: create, list."""

from typing import Annotated

import typer
from sidemand.bus import BusSettings
from sidemand.bus.provisioning import create_topics, partition_counts
from sidemand.client.cli.running import run, say, settings_of
from sidemand.client.tenants import check_slug

app = typer.Typer(help="Kafka's topics.", no_args_is_help=True)


@app.command()
def create(
    context: typer.Context,
    tenant: Annotated[list[str], typer.Option(help="A tenant; repeat it, and name faelles too.")],
    replication: Annotated[int, typer.Option(min=1, help="Copies of each partition.")] = 1,
) -> None:
    """Create the topics of these tenants, those between the services, and the dead letters'."""
    created = run(_create(settings_of(context), tenant, replication))
    for name in created:
        say(f"created {name}")
    say(f"{len(created)} created; the others were there.")


@app.command("list")
def list_topics(context: typer.Context) -> None:
    """List the topics that there are, with their partitions."""
    for name, partitions in sorted(run(partition_counts(settings_of(context))).items()):
        say(f"{partitions:>4} {name}")


async def _create(settings: BusSettings, tenants: list[str], replication: int) -> list[str]:
    for each in tenants:
        check_slug(each)
    return await create_topics(settings, tenants, replication)
