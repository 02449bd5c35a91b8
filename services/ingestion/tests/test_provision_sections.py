"""Law: a section for each § and stk."""

import gzip
import json
import os
from pathlib import Path

import pytest
from sidemand.ingestion.readers import read

_SHARED = Path(os.environ.get("SIDEMAND_SHARED", Path(__file__).parents[4] / "shared"))
_LAW = _SHARED / "data/law/municipal.jsonl.gz"

_ACT = """Kapitel 4
Aktindsigt

§ 9. Den, der er part i en sag, kan få aktindsigt. Stk. 2. Retten omfatter, jf. § 10, stk. 1, alt.
Stk. 3. Det gælder ikke for andre.

§ 9 A. Kort. § 7 gælder ikke.
"""


def locators(text: str, media_type: str = "text/plain") -> list[tuple[str | None, str]]:
    found = read(text, media_type)  # type: ignore[arg-type]
    return [(each.locator, found.text[each.start : each.end]) for each in found.sections]


def test_every_stk_has_its_locator() -> None:
    assert locators(_ACT) == [
        ("§ 9, stk. 1", "§ 9. Den, der er part i en sag, kan få aktindsigt."),
        ("§ 9, stk. 2", "Stk. 2. Retten omfatter, jf. § 10, stk. 1, alt."),
        ("§ 9, stk. 3", "Stk. 3. Det gælder ikke for andre."),
        ("§ 9 a", "§ 9 A. Kort. § 7 gælder ikke."),
    ]


def test_a_chapter_is_a_heading() -> None:
    found = read(_ACT, "text/plain")

    assert {section.heading_path for section in found.sections} == {("Kapitel 4", "Aktindsigt")}


def test_a_heading_that_is_a_provision_gives_its_text_the_locator() -> None:
    text = "# Forvaltningsloven\n\n## § 19. Partshøring\n\nFørst. Stk. 2. Så.\n\n## Bilag\n\nTabel"

    assert locators(text, "text/markdown") == [
        ("§ 19, stk. 1", "Først."),
        ("§ 19, stk. 2", "Stk. 2. Så."),
        (None, "Tabel"),
    ]


def test_a_reference_in_running_text_divides_nothing() -> None:
    assert locators("Efter § 23. Det er klart.\nsiger vi. Stk. 2. er kort.") == [
        (None, "Efter § 23. Det er klart.\nsiger vi. Stk. 2. er kort.")
    ]


@pytest.mark.skipif(not _LAW.exists(), reason="needs the law data of ../shared")
def test_real_provisions_are_named_as_they_call_themselves() -> None:
    provisions = named = 0
    with gzip.open(_LAW, "rt", encoding="utf-8") as acts:
        for line in list(acts)[:6]:
            for provision in json.loads(line)["provisions"]:
                if not provision["text"].startswith("§ "):
                    continue
                found = read(provision["text"], "text/plain")
                provisions += 1
                named += all(each.locator for each in found.sections)
    assert provisions > 100
    assert named / provisions > 0.99
