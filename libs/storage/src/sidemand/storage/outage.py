"""Which errors mean that a database or object store is away, and may be back later."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sidemand.storage.errors import StoreUnreachable

_PASSING_STATES: Final = ("08", "25P03", "40", "53", "55", "57", "58")
"""SQLSTATE and its classes that pass: connection, ended while idle in a transaction, rollback by
conflict, resources, locks, shutdown, system. Source: PostgreSQL, appendix A."""


def is_unreachable(error: BaseException) -> bool:
    """Whether `error` of an engine or object store is an outage rather than a mistake of ours."""
    # Importing SQLAlchemy takes a second, and who has not done so cannot have its errors.
    if "sqlalchemy.exc" in sys.modules and (passes := _passes_for_sqlalchemy(error)) is not None:
        return passes
    state = str(getattr(error, "sqlstate", None) or "")
    if state:  # raised by asyncpg while connecting, where SQLAlchemy does not wrap it
        return state.startswith(_PASSING_STATES)
    return isinstance(error, (StoreUnreachable, OSError))


def _passes_for_sqlalchemy(error: BaseException) -> bool | None:
    """Whether an error of SQLAlchemy's is an outage; none where it is not SQLAlchemy's."""
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
    from sqlalchemy.exc import TimeoutError as PoolTimeoutError

    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return (
            error.connection_invalidated
            or isinstance(error, (OperationalError, InterfaceError))
            or state.startswith(_PASSING_STATES)
        )
    return True if isinstance(error, PoolTimeoutError) else None


@contextmanager
def outage_raises(error: Exception) -> Iterator[None]:
    """Raise `error` in place of an outage; everything else passes as it is.

    The cause is cut off: a driver's message quotes the parameters of the statement.
    """
    try:
        yield
    except Exception as caught:
        if is_unreachable(caught):
            raise error from None
        raise
