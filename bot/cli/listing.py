"""How lists show moments, threads and open requests."""

from datetime import UTC, datetime

from bot import about
from bot.store.port import Summary
from channels.console import flat


def iso(at: datetime) -> str:
    """A moment as events write it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def about_of(row: Summary) -> about.About:
    """What is known of a thread."""
    return about.read(row.about)


def one_line(request: about.Open) -> str:
    """An open request in one line."""
    asked = f", asked by {' and '.join(request.asked_by)}" if request.asked_by else ""
    until = f", until {iso(request.expires_at)}" if request.expires_at else ""
    options = f" [{' | '.join(request.options)}]" if request.options else ""
    who = f"{' or '.join(request.deciders) or 'nobody'}{asked}{until}"
    return f"{request.id}  {flat(request.shown)}{options} ({who})"
