"""Where in the mailbox reading stopped. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_GRACE = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """validity: the UIDVALIDITY for which `uid` counts. day: when it was set last.

    since: the second from which on mails are taken in, wherever they lie; 0 for all there are.
    """

    validity: int
    uid: int
    day: date
    since: int = 0

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}:{self.day.isoformat()}:{self.since}"

    def criteria(self, validity: int) -> tuple[str, ...]:
        """What to search for: what is newer; the last days, where UIDs have lost their meaning.

        What was read in those days is known by its Message-ID.
        """
        if validity == self.validity:
            return ("UID", f"{self.uid + 1}:*")
        since = self.day - _GRACE
        return ("SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}")


def at(validity: int, uid: int, now: datetime, since: int) -> Cursor:
    """A cursor that is set now."""
    return Cursor(validity=validity, uid=uid, day=now.astimezone(UTC).date(), since=since)


def read(value: str | None) -> Cursor | None:
    """What `str` made of one; None for none and for what is none."""
    try:
        validity, uid, day, *since = (value or "").split(":")
        return Cursor(
            validity=int(validity),
            uid=int(uid),
            day=date.fromisoformat(day),
            since=int(since[0]) if since else 0,
        )
    except ValueError:
        return None
