"""The genitive of Danish names (Retskrivningsordbogen, § 13), and the way back."""

_APOSTROPHES = "'’´ʼ"
_HISSING = ("s", "x", "z")


def genitive(name: str) -> str:
    """The genitive of `name` as the spelling rules want it.

    Karen → Karens, Jens → Jens', Max → Max', IBM → IBM's, SAS → SAS'.
    """
    if name.lower().endswith(_HISSING):
        return f"{name}'"
    return f"{name}'s" if _is_abbreviation(name) else f"{name}s"


def genitive_forms(name: str) -> tuple[str, ...]:
    """Every way that people write the genitive of `name`, the right one first.

    With the typewriter's apostrophe; a text may have "’" or "´" in its place.
    """
    forms = (genitive(name), f"{name}s", f"{name}'s", f"{name}'")
    return tuple(dict.fromkeys(forms))


def genitive_stem(word: str) -> str | None:
    """The name that `word` is a genitive of; None when it cannot be one.

    Karens → Karen, Jens' → Jens, IBM's → IBM. A bare -s is ambiguous ("Jens" is a name and could
    be the genitive of "Jen"): compare with names that are known.
    """
    if not word:
        return None
    if word[-1] in _APOSTROPHES:
        return word[:-1] or None
    if word[-1] not in "sS":
        return None
    bare = word[:-1]
    if bare.endswith(tuple(_APOSTROPHES)):
        return bare[:-1] or None
    return None if not bare or bare.lower().endswith(_HISSING) else bare


def _is_abbreviation(name: str) -> bool:
    last = name.rsplit(" ", maxsplit=1)[-1]
    return len(last) > 1 and (last.isupper() or last[-1].isdigit() or last.endswith("."))
