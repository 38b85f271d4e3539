"""`threads` and `thread`: what conversations there are, and a hand on one of them."""

import asyncio
from typing import Annotated

import typer

from bot import about
from bot import events as e
from bot.cli.job import DONE, INTERRUPTED, Job
from bot.cli.listing import about_of, iso
from bot.cli.output import flush, json_line, line, warn
from bot.cli.rest import rest, rests
from bot.cli.session import Session, begin
from bot.cli.working import stop_signals, until, working
from bot.codec import external
from bot.store.port import Appended, NoSuchThread, Summary, ThreadStore
from bot.wiring import connect

AsJson = Annotated[bool, typer.Option("--json", help="JSON lines and nothing else.")]


def _lower(word: str) -> str:
    """Ids are lower case in the store, whatever people's clients made of them."""
    return word.lower()


ThreadId = Annotated[str, typer.Argument(metavar="ID", help="The id of a thread.", callback=_lower)]
Limit = Annotated[int, typer.Option(min=1, help="How many, newest first.")]
TITLE_SHOWN = 60
GRACE = 5.0
"""Seconds beyond a lease: after that long, a thread that died with its worker was taken up."""

Change = type[e.Paused] | type[e.Resumed] | type[e.Cancelled] | type[e.HandedBack]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(threads)
    thread = typer.Typer(help="Look at one thread, hold it or call it off.")
    thread.command()(show)
    thread.command()(pause)
    thread.command()(resume)
    thread.command()(cancel)
    thread.command()(handback)
    app.add_typer(thread, name="thread")


def threads(as_json: AsJson = False, limit: Limit = 50) -> Job:
    """List threads, newest first."""
    return _threads(as_json, limit)


async def _threads(as_json: bool, limit: int) -> int:
    async with connect(begin().settings) as store:
        for row in await store.threads(limit=limit):
            told = about_of(row)
            if as_json:
                json_line(
                    {
                        "thread": row.thread,
                        "at": iso(row.at),
                        "state": told.state,
                        "title": told.title,
                        "requests": [request.id for request in told.requests],
                    }
                )
            else:
                line(_row(row, told))
    return DONE


def _row(row: Summary, told: about.About) -> str:
    title = " ".join(told.title.split())[:TITLE_SHOWN]
    return f"{row.thread}  {iso(row.at)}  {told.state:<8} {title}"


def show(thread: ThreadId, as_json: AsJson = False) -> Job:
    """Show every event of a thread."""
    return _show(thread, as_json)


async def _show(thread: str, as_json: bool) -> int:
    async with connect(begin().settings) as store:
        for event in await known(store, thread):
            if as_json:
                json_line(external(event))
            else:
                line(_told(event))
    return DONE


def _told(event: e.Event) -> str:
    """One event as one line: its own fields, those that are empty left out."""
    fields = external(event)
    head = [str(fields.pop(key)) for key in ("seq", "at", "kind")]
    own = [f"{key}={value}" for key, value in fields.items() if value not in (None, "", [], {})]
    return " ".join([f"{head[0]:>4}", *head[1:], *(" ".join(part.split()) for part in own)])


def pause(thread: ThreadId, as_json: AsJson = False) -> Job:
    """Start nothing new on a thread until it is resumed."""
    return _change(thread, e.Paused, as_json)


def resume(thread: ThreadId, as_json: AsJson = False) -> Job:
    """Let a paused thread go on."""
    return _change(thread, e.Resumed, as_json)


def handback(thread: ThreadId, as_json: AsJson = False) -> Job:
    """Let the bot answer prose again on a thread that people had taken over."""
    return _change(thread, e.HandedBack, as_json)


def cancel(thread: ThreadId, as_json: AsJson = False) -> Job:
    """Call off everything that runs or is asked on a thread."""
    return _cancel(thread, as_json)


async def _change(thread: str, kind: Change, as_json: bool) -> int:
    session = begin()
    session.check_person()
    async with connect(session.settings) as store:
        await _record(session, store, thread, kind, as_json)
    return DONE


async def _cancel(thread: str, as_json: bool) -> int:
    """A worker runs until all is called off, so that nothing of it is listed afterwards."""
    session = begin()
    session.check_person()
    with stop_signals() as stop:
        async with connect(session.settings) as store:
            at = await _record(session, store, thread, e.Cancelled, as_json)
            if await rests(store, at):
                return DONE
            async with working(session.settings, store):
                patience = session.settings.bot.lease.total_seconds() + GRACE
                return await until(stop, _rest(store, at, patience), stopped=INTERRUPTED)


async def _rest(store: ThreadStore, at: Appended, patience: float) -> int:
    try:
        async with asyncio.timeout(patience):
            await rest(store, at)
    except TimeoutError:
        warn(f"{at.thread}: not everything has ended yet, `thread show {at.thread}` tells")
    return DONE


async def _record(
    session: Session, store: ThreadStore, thread: str, kind: Change, as_json: bool
) -> Appended:
    event = kind(at=store.now(), by=session.author, person=session.person)
    appended = await store.append_to(thread, event, dedupe="")
    if as_json:
        json_line({"thread": thread, "seq": appended.seq, "kind": event.kind})
    else:
        line(f"{thread}: {event.kind}")
    flush()
    return appended


async def known(store: ThreadStore, thread: str) -> tuple[e.Event, ...]:
    """All events of a thread. Raises `NoSuchThread`."""
    events = await store.events(thread)
    if not events:
        raise NoSuchThread(f"there is no thread {thread}")
    return events
