"""Points in time as an operator types them."""

from datetime import UTC, datetime, timedelta

import pytest
from sidemand.client import ClientError
from sidemand.client.points_in_time import in_local_time, point_in_time

NOW = datetime(2031, 5, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [("90m", timedelta(minutes=90)), ("2h", timedelta(hours=2)), ("3d", timedelta(days=3))],
)
def test_how_long_ago_is_counted_from_now(text: str, ago: timedelta) -> None:
    assert point_in_time(text, NOW) == NOW - ago


def test_a_time_with_a_zone_is_that_time_and_one_without_is_this_machines() -> None:
    assert point_in_time("2031-05-04T05:00+02:00", NOW) == NOW
    assert point_in_time("2031-05-04T03:00Z", NOW) == NOW
    here = datetime(2031, 5, 4, 5).astimezone()
    assert point_in_time("2031-05-04T05:00", NOW) == here
    assert point_in_time("2031-05-04", NOW) == here.replace(hour=0)
    assert point_in_time("", NOW) is None


def test_what_is_printed_can_be_typed() -> None:
    assert point_in_time(in_local_time(NOW), NOW) == NOW


@pytest.mark.parametrize("text", ["i går", "2 h", "3w", "2031-13-01", "99:00", "0001-01-01"])
def test_what_is_no_time_is_answered_with_what_is(text: str) -> None:
    with pytest.raises(ClientError, match="or as how long ago: 90m, 2h, 3d"):
        point_in_time(text, NOW)
