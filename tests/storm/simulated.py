"""The storm's clock: simulated time runs from an origin, faster than real time by a rate, the same in every process."""

import datetime as dt
import os
import time
import zoneinfo

CITY = zoneinfo.ZoneInfo("Asia/Shanghai")
ORIGIN = dt.datetime(2025, 9, 22, tzinfo=CITY)  # then National Day with its make-up days: a Sunday before, a Saturday after
SECONDS_A_DAY = 5.0
OPENS, CLOSES = "06:00", "21:30"  # wider than by default: three seconds in which all mail of a day must leave
RATE = 86400 / SECONDS_A_DAY
LEASE_SECONDS = 1.5  # real; longer than any send here
DOWN_FROM, DOWN_UNTIL = dt.date(2025, 10, 13), dt.date(2025, 10, 18)
CALM_FROM = dt.date(2025, 10, 21)  # from this evening on nothing is killed or changed
LAST_WORKING_DAY = dt.date(2025, 10, 28)
END = dt.datetime(2025, 10, 29, 0, 30, tzinfo=CITY)


_whole = END


def shorten(days: int) -> None:
    """End after so many days; only the process that leads the storm need know."""
    global END
    END = min(_whole, ORIGIN + dt.timedelta(days=days))


def is_short() -> bool:
    return _whole > END


def epoch() -> float:
    """The real second at which the simulation stands at its origin."""
    return float(os.environ["STORM_EPOCH"])


def at(real: float) -> dt.datetime:
    return ORIGIN + dt.timedelta(seconds=(real - epoch()) * RATE)


def now() -> dt.datetime:
    return at(time.time())


def today() -> dt.date:
    return now().date()


def is_calm() -> bool:
    return now() >= dt.datetime.combine(CALM_FROM, dt.time(18), CITY)


def real_span(seconds: float) -> dt.timedelta:
    """So many real seconds, as simulated time."""
    return dt.timedelta(seconds=seconds * RATE)
