"""English–Danish text of `../shared/data/parallel`, for a teacher that knows English only."""

import ast
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

Pair = tuple[str, str]
"""The same in English and in Danish."""
_MARKUP = re.compile(r"<[^>]*>")
_QUOTED = re.compile(r'^(?:(msgid|msgstr) )?(".*")$', re.MULTILINE)


def read_pairs(folder: Path) -> list[Pair]:
    """Tatoeba's sentences and GNOME's help texts, each Danish text once.

    Raises FileNotFoundError with the missing file's name.
    """
    with gzip.open(folder / "tatoeba_en_da.txt.gz", "rt", encoding="utf-8") as lines:
        sentences = [line.split("\t")[:2] for line in lines]
    catalogue = gzip.decompress((folder / "gnome_help_da.po.gz").read_bytes()).decode()
    english = {danish: english for english, danish in [*sentences, *translated(catalogue)]}
    return [(english, danish) for danish, english in english.items()]


def translated(catalogue: str) -> Iterator[Pair]:
    """What a catalogue of gettext has finished translations for, without markup or plurals."""
    for entry in catalogue.split("\n\n"):
        if "#, fuzzy" in entry or "#~" in entry or "msgid_plural" in entry:
            continue
        texts = {"msgid": "", "msgstr": ""}
        part = "msgid"
        for name, quoted in _QUOTED.findall(entry):
            part = name or part
            texts[part] += ast.literal_eval(quoted)
        english, danish = (_MARKUP.sub(" ", text).strip() for text in texts.values())
        if english and danish:  # the first entry has no English: it tells of the file itself
            yield english, danish
