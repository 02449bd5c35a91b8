"""The commands `demo` and `run`."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from sidemand.bus import run_loop
from sidemand.client import BusError, ClientError
from sidemand.observability import configure_logs, configure_traces
from sidemand.standalone.demo.show import TENANTS, show
from sidemand.standalone.home import Home
from sidemand.standalone.running import stay_up

app = typer.Typer(
    help="All five services in one process.", no_args_is_help=True, pretty_exceptions_enable=False
)

Knowledge = Annotated[
    list[Path] | None,
    typer.Option("--knowledge", help="A law file or folder to load as well; may be repeated."),
]
Samples = Annotated[Path, typer.Option(help="Folder of the samples.")]


@app.command()
def demo(
    knowledge: Knowledge = None,
    samples: Samples = Path("samples"),
    report: Annotated[Path, typer.Option(help="Where the figures go.")] = Path(
        "build/demo/report.json"
    ),
    in_full: Annotated[bool, typer.Option("--in-full", help="Show every case in full.")] = False,
) -> None:
    """Play the main job with two invented municipalities, in Danish."""
    configure_logs("CRITICAL", "console")
    _run(show(samples, knowledge or [], report, in_full=in_full))


@app.command()
def run(
    knowledge: Knowledge = None,
    samples: Samples = Path("samples"),
    state: Annotated[Path, typer.Option(help="Folder for what is kept.")] = Path("var"),
    port: Annotated[int, typer.Option(help="Port of the embedded Kafka.")] = 9092,
) -> None:
    """Stay up with the samples' guidance loaded, and say how to reach it."""
    configure_logs("WARNING", "console")
    home = Home(state, registries=samples)
    _run(stay_up(home, TENANTS, [samples / "guidance", *(knowledge or [])], port))


def _run(job: Coroutine[Any, Any, object]) -> None:
    """Run a job; what it cannot do is one sentence and exit code 1."""
    configure_traces("standalone")
    try:
        run_loop(job)
    except (BusError, ClientError) as error:
        typer.echo(f"sidemand: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


if __name__ == "__main__":
    app()
