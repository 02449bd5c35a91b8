"""The way back: tokens in a suggestion become persons again, for their own case only.

A statement that holds a token which this case does not know is dropped, never guessed.
"""

from collections.abc import Mapping

from sidemand.danish.names import genitive
from sidemand.redaction.rewriting import rewrite
from sidemand.redaction.tokens import Token, tokens_in


class UnknownToken(Exception):
    """The text holds a token that this case does not know, or what pretends to be one."""


def tokens_of(text: str) -> set[Token]:
    """The well-formed tokens in `text`."""
    return {written.token for written in tokens_in(text) if written.token is not None}


def restore(text: str, values: Mapping[Token, str]) -> str:
    """`text` with `values` for its tokens, in the genitive where the token is.

    Raises `UnknownToken` where a token is not among `values`.
    """
    replacements = []
    for written in tokens_in(text):
        if written.token is None or written.token not in values:
            raise UnknownToken
        value = values[written.token]
        new = genitive(value) if written.genitive else value
        replacements.append((written.start, written.end, new))
    return rewrite(text, replacements).text
