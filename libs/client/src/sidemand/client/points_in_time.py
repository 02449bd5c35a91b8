"""Points in time as an operator types them, and as they are printed for him to copy."""

import re
from datetime import datetime, timedelta
from typing import Final

from sidemand.client.errors import ClientError

_AGO: Final = re.compile(r"(\d{1,5})(m|h|d)")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def point_in_time(text: str, now: datetime) -> datetime | None:
    """Read `2031-05-04T03:00`, with or without a zone, or `90m`, `2h`, `3d` before `now`.

    Without a zone it is this machine's time, as in its logs. Empty is none. Raises `ClientError`.
    """
    if not text:
        return None
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise ClientError(
            "A time is written as 2031-05-04, 2031-05-04T03:00 or 2031-05-04T03:00+02:00, or as "
            "how long ago: 90m, 2h, 3d."
        ) from None


def in_local_time(time: datetime) -> str:
    """Write `time` to the second, in this machine's zone, which is named."""
    return time.astimezone().isoformat(timespec="seconds")
