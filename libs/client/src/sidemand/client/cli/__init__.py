"""The command `sidemand`."""

import typer
from sidemand.client.cli import cases, dead_letters, knowledge, topics
from sidemand.client.cli.running import Connection

app = typer.Typer(
    name="sidemand",
    help="Publish case events, follow suggestions, load knowledge, and look after dead letters.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cases.register(app)
knowledge.register(app)
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(topics.app, name="topics")


@app.callback()
def connect(
    context: typer.Context,
    kafka: str = typer.Option(
        "127.0.0.1:9092", envvar="SIDEMAND_KAFKA", help="Kafka's address, host:port."
    ),
) -> None:
    """Reach Kafka at an address; SIDEMAND_OBJECTS names the store for large documents."""
    context.obj = Connection(kafka)


def main() -> None:
    """Run the command."""
    app()
