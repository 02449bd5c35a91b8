"""A plot of a few figures as SVG: a bar for each, and a line for each limit."""

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

_WIDTH, _LEFT, _RIGHT, _ROW = 720, 190, 90, 30


def draw(title: str, bars: Mapping[str, float], lines: Mapping[str, float]) -> str:
    """An SVG of 720 points width; all bars and lines share one axis, which begins at 0."""
    height = _ROW * (len(bars) + len(lines) + 2)
    longest = max((*bars.values(), *lines.values()), default=1) or 1
    scale = (_WIDTH - _LEFT - _RIGHT) / longest
    parts = [_text(10, 20, title), *_bars(bars, scale), *_lines(lines, scale, len(bars))]
    size = f'width="{_WIDTH}" height="{height}"'
    style = 'font-family="sans-serif" font-size="13"'
    body = "\n".join(parts)
    ground = f'<rect {size} fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{ground}\n{body}\n</svg>\n'


def _bars(bars: Mapping[str, float], scale: float) -> Iterator[str]:
    for number, (name, value) in enumerate(bars.items(), start=1):
        top = _ROW * number
        yield _text(10, top + 18, name)
        yield (
            f'<rect x="{_LEFT}" y="{top + 4}" width="{value * scale:.1f}" height="{_ROW - 10}"'
            ' fill="#1f6f8b"/>'
        )
        yield _text(_LEFT + value * scale + 6, top + 18, f"{value:,.0f}")


def _lines(lines: Mapping[str, float], scale: float, bars: int) -> Iterator[str]:
    for number, (name, value) in enumerate(lines.items(), start=1):
        across, bottom = _LEFT + value * scale, _ROW * (bars + number) + 10
        yield (
            f'<line x1="{across:.1f}" x2="{across:.1f}" y1="{_ROW}" y2="{bottom}"'
            ' stroke="#b23a48" stroke-dasharray="4 3"/>'
        )
        yield _text(10, bottom + 8, f"{name}: {value:,.0f}")


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'
