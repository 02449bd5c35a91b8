"""Texts as the token ids of an encoder, long ones in pieces."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sidemand.embedding.ports import Ids, ModelError, Side
from sidemand.embedding.registry import TOKENIZER, EncoderEntry

_TEXTS_AT_ONCE = 64
_LETTERS_OF_A_TOKEN = 8
"""More than a token of any text has on average: what is longer is cut before it is read."""
_SPACE = re.compile(r"\s+")


class Tokens:
    """The tokeniser of a model folder. It reads in threads of its own, without the interpreter."""

    def __init__(self, folder: Path, entry: EncoderEntry) -> None:
        """Read `tokenizer.json`. Raises `ModelError`."""
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise ModelError(
                "this model needs tokenizers: pip install 'sidemand-embedding[encoder]'"
            ) from error
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelError(f"{folder / TOKENIZER} cannot be read: bring it again") from error
        self._tokenizer.no_truncation()  # what the file asks for would be silent
        self._tokenizer.no_padding()
        self._context = entry.context
        self._prefixes = entry.prefixes.model_dump()

    def read(self, texts: Sequence[str], side: Side) -> list[list[Ids]]:
        """Each text's pieces in order, the prefix before each. None is longer than the context.

        Raises `ModelError` where the prefix leaves no room.
        """
        prefix = self._prefixes[side]
        found: list[list[Ids]] = [[] for _ in texts]
        waiting = [(number, part) for number, text in enumerate(texts) for part in self._cut(text)]
        while waiting:
            group, waiting = waiting[:_TEXTS_AT_ONCE], waiting[_TEXTS_AT_ONCE:]
            encoded = self._tokenizer.encode_batch([prefix + part for _, part in group])
            for (number, part), each in zip(group, encoded, strict=True):
                if len(each) <= self._context:
                    found[number].append(np.array(each.ids, np.int64))
                elif len(part) > 1:
                    waiting += [(number, half) for half in _halves(part)]
                else:
                    raise ModelError("the prefix leaves no room for a text: build with a shorter")
        return found

    def _cut(self, text: str) -> list[str]:
        """`text` in stretches that are not far above the context, so that memory is bounded."""
        parts = [text]
        while max(map(len, parts)) > _LETTERS_OF_A_TOKEN * self._context:
            parts = [half for part in parts for half in _halves(part)]
        return parts


def _halves(text: str) -> tuple[str, str]:
    """`text` in two, between words where there is a space about the middle."""
    middle = len(text) // 2
    space = _SPACE.search(text, middle, middle + middle // 2)
    border = space.start() if space else middle
    return text[:border], text[border:]
