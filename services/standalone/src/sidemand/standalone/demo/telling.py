"""How the demo is told: in Danish, for somebody who sees Sidemand for the first time."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from sidemand.client import CaseEventRefused, ErasureConfirmed, LoadReport, SuggestionChanged
from sidemand.client import Progress as Loaded
from sidemand.client.rendering import KINDS, render_refusal, render_suggestion
from sidemand.schemas.casework import RedactedCaseDocument
from sidemand.standalone.demo.expectations import Check
from sidemand.standalone.demo.report import Report
from sidemand.standalone.demo.stage import SampleCase

_SHOWN: Final = ("ps-01-mere-tid-til-hoering", "yp-vesterhede-toiletforhoejer-frist")
"""Cases that are shown in full; of the others a line each."""
_EXCERPT: Final = 900
"""Characters of a case text that are shown."""


class Telling:
    """Prints what happens. `in_full` shows every case in full."""

    def __init__(self, console: Console, *, in_full: bool = False) -> None:
        self._console = console
        self._in_full = in_full

    def opening(self, bus: str, address: str) -> None:
        """Say what is running."""
        self._console.print(Rule("[bold]Sidemand[/bold]"))
        self._console.print(
            "Fem tjenester i én proces: ingestion → redaction → embedding → retrieval → "
            f"generation.\nKafka: {bus} på {address}.\n"
            "Alle personer, sager og kommuner er opdigtede."
        )

    @contextmanager
    def loading(self, name: str) -> Iterator[Callable[[Loaded], None]]:
        """Show a progress bar while knowledge is loaded."""
        columns = (TextColumn(f"Indlæser {name}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self._console) as progress:
            task = progress.add_task(name, total=None)
            yield lambda loaded: progress.update(task, completed=loaded.settled, total=loaded.total)

    def loaded(self, name: str, report: LoadReport) -> None:
        """Say what became of the documents of a load."""
        documents = _counted(report.indexed, "dokument", "dokumenter")
        self._console.print(
            f"{name}: {documents} med {report.passages} uddrag kan findes efter "
            f"{report.seconds:.1f} s; {report.unchanged} var der i forvejen."
        )
        for refused in report.refused:
            self._console.print(f"  afvist: {refused.document.document_id}: {refused.reason}")
        for skipped in report.skipped:
            self._console.print(f"  sprunget over: {skipped}", markup=False)

    def act(self, title: str, about: str) -> None:
        """Begin an act."""
        self._console.print()
        self._console.print(Rule(f"[bold]{title}[/bold]", align="left"))
        self._console.print(about)

    def case(
        self,
        case: SampleCase,
        behind: RedactedCaseDocument | None,
        changed: Sequence[SuggestionChanged],
        refusal: CaseEventRefused | None,
        checks: Sequence[Check],
    ) -> None:
        """Show a case: what came in, what stood behind the gate, what came back."""
        if not self._in_full and not case.name.startswith((*_SHOWN, "act-", "storaadal-")):
            self._line(case, changed, refusal, checks)
            return
        event = case.event
        text = event.content.text or ""
        self._text(f"Ind · {event.tenant} · {case.source} · {event.title}", text, "blue")
        if behind is not None:
            title = f"Bag porten · {behind.title}"
            self._text(title, behind.text, "magenta")
        if refusal is not None:
            self._console.print(render_refusal(refusal))
        for each in changed:
            self._console.print(render_suggestion(each))
        self._checks(checks)

    def redelivered(self, before: int, after: int) -> None:
        """Say what the second delivery did."""
        self._console.print(
            f"Forslag i sagen før: {before}, efter: {after}. Den gentagne hændelse tæller én gang."
            if before == after
            else f"Forslag i sagen før: {before}, efter: {after}: gentagelsen blev regnet med!"
        )

    def refused(self, refusal: CaseEventRefused | None) -> None:
        """Show a refusal."""
        self._console.print(
            render_refusal(refusal) if refusal else "Der kom ingen afvisning inden for fristen."
        )

    def dead_letters(self, codes: Mapping[str, int]) -> None:
        """Show the dead letters so far."""
        listed = ", ".join(f"{code} ({count})" for code, count in sorted(codes.items()))
        self._console.print(f"Lagt til side som dead letter: {listed or 'ingen'}. Resten kører.")

    def changed(self, changed: Iterable[SuggestionChanged]) -> None:
        """Show the suggestions that a change of knowledge has touched."""
        touched = list(changed)
        for each in touched[:2]:
            self._console.print(render_suggestion(each))
        states = Counter(each.suggestion.state for each in touched)
        self._console.print(
            f"Ændret: {states['updated']} forslag. Trukket tilbage: {states['withdrawn']}."
        )

    def erased(self, confirmed: Iterable[ErasureConfirmed]) -> None:
        """Show who has forgotten the case."""
        for each in confirmed:
            erased = _counted(each.erased, "post", "poster")
            self._console.print(f"{each.service}: glemt, {erased} slettet.")

    def summary(self, report: Report, path: str) -> None:
        """End with the figures."""
        self._console.print()
        self._console.print(Rule("[bold]Opsummering[/bold]", align="left"))
        table = Table(show_header=False, box=None, padding=(0, 2))
        for label, value in _summary(report):
            table.add_row(label, value)
        self._console.print(table)
        self._console.print(f"Tallene som JSON: {path}")

    def _line(
        self,
        case: SampleCase,
        changed: Sequence[SuggestionChanged],
        refusal: CaseEventRefused | None,
        checks: Sequence[Check],
    ) -> None:
        met = sum(check.met for check in checks)
        if refusal is not None:
            came = f"afvist: {refusal.code}"
        else:
            kinds = [
                f"{KINDS[each.suggestion.kind]} ({len(each.suggestion.statements)})"
                for each in changed
            ]
            came = ", ".join(kinds) or "intet svar"
        line = Text(f"{met}/{len(checks)}", "green" if met == len(checks) else "yellow")
        line.append(f"  {case.name}: ", "bold").append(came, "default")
        self._console.print(line)

    def _text(self, title: str, text: str, colour: str) -> None:
        shown = text if len(text) <= _EXCERPT else text[:_EXCERPT] + " …"
        panel: RenderableType = Panel(
            Text(shown.strip()), title=Text(title), title_align="left", border_style=colour
        )
        self._console.print(panel)

    def _checks(self, checks: Iterable[Check]) -> None:
        for check in checks:
            mark = Text("✓ ", "green") if check.met else Text("✗ ", "red")
            self._console.print(mark + Text(check.wanted))


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _summary(report: Report) -> Iterator[tuple[str, str]]:
    met, total = report.expectations.met, report.expectations.total
    yield "Hændelser", f"{report.events}, heraf {report.refused} afvist"
    yield "Forventninger opfyldt", f"{met} af {total}"
    yield (
        "Forslag",
        f"{report.suggestions} nye, {report.updated} ændret, {report.withdrawn} trukket tilbage, "
        f"{report.abstained} uden svar i kilderne",
    )
    yield "Ordrette citater", f"{report.quotes_verbatim} af {report.quotes}"
    yield "Sager med en parts data bag porten", str(report.personal_data_behind_gate)
    yield "Dead letters", str(report.dead_letters)
    yield "Viden", f"{report.documents} dokumenter, {report.passages} uddrag"
    yield "Indlæst på", f"{report.load_seconds:.1f} s"
    yield (
        "Fra hændelse til forslag",
        f"p50 {report.latency_ms.p50:.0f} ms, p95 {report.latency_ms.p95:.0f} ms",
    )
    yield "Hukommelse", f"{report.peak_rss_mb:.0f} MB"
