"""Who is on duty, week by week: counted by the clock on the wall, and exact over its changes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

A_WEEK = timedelta(weeks=1)
ANY_WEEK = date(2026, 1, 5)
"""Where it makes no difference when weeks begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """`people`, a week each, the first of them from `handover` on the day `week_of` on.

    zone: whose clock `handover` is told by. runbook: where it is not `people`, the tool that says
    who is on duty; then `fallback` is the role or person that counts while it names nobody.
    """

    people: tuple[str, ...] = ()
    week_of: date = ANY_WEEK
    handover: time = time(0)
    zone: tzinfo = UTC
    runbook: str = ""
    fallback: str = ""

    def on_duty(self, now: datetime) -> str:
        """Whose week it is at `now`, before the first one too; "" where there is nobody."""
        if not self.people:
            return ""
        local = now.astimezone(self.zone).replace(tzinfo=None)
        week = (local - datetime.combine(self.week_of, self.handover)) // A_WEEK
        # The clock shows some times twice and others never: near those, only moments tell.
        if now >= self._handed_over(week + 1):
            week += 1
        elif now < self._handed_over(week):
            week -= 1
        return self.people[week % len(self.people)]

    def _handed_over(self, week: int) -> datetime:
        """The moment at which that week begins."""
        begins = datetime.combine(self.week_of, self.handover) + week * A_WEEK
        return begins.replace(tzinfo=self.zone).astimezone(UTC)
