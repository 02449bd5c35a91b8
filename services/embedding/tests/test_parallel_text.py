import gzip
from pathlib import Path

from sidemand.embedding.training.parallel import read_pairs, translated

CATALOGUE = r"""
# Oversættelse
msgid ""
msgstr "Language: da\n"

#: page.xml:3
msgid "Open the <gui>Settings</gui>"
msgstr "Åbn <gui>Indstillinger</gui>"

msgid ""
"A long text \"in quotes\" "
"over two lines"
msgstr ""
"En lang tekst »i gåseøjne« "
"over to linjer"

#, fuzzy
msgid "Guessed"
msgstr "Gættet"

msgid "Not yet translated"
msgstr ""

msgid "One file"
msgid_plural "%d files"
msgstr[0] "En fil"
msgstr[1] "%d filer"

#~ msgid "Gone"
#~ msgstr "Væk"
"""


def test_only_finished_translations_are_read_and_without_their_markup() -> None:
    assert list(translated(CATALOGUE)) == [
        ("Open the  Settings", "Åbn  Indstillinger"),
        ('A long text "in quotes" over two lines', "En lang tekst »i gåseøjne« over to linjer"),
    ]


def test_each_danish_text_is_read_once(tmp_path: Path) -> None:
    sentences = "Hi.\tHej.\tCC-BY 1\nHello.\tHej.\tCC-BY 2\nGo.\tGå!\tCC-BY 3\n"
    (tmp_path / "tatoeba_en_da.txt.gz").write_bytes(gzip.compress(sentences.encode()))
    (tmp_path / "gnome_help_da.po.gz").write_bytes(gzip.compress(CATALOGUE.encode()))
    pairs = read_pairs(tmp_path)
    assert len(pairs) == 4
    assert len({danish for _, danish in pairs}) == 4
    assert ("Go.", "Gå!") in pairs
