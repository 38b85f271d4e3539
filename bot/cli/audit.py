"""`audit`: who did what, row by row, and whether the rows are still as they were written."""

from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from bot import auditing
from bot.audit import Entry, Head, parsed, read_head
from bot.audit_check import Fault as Wrong
from bot.cli.files import load
from bot.cli.job import DONE, NOT_SO, USAGE, Fault, Job
from bot.cli.output import json_line, line, warn
from bot.cli.session import begin
from bot.cli.threads import AsJson
from bot.store.port import ThreadStore
from bot.store.shelf import AS_SAFE_AS_THE_STORE
from bot.wiring import connect

SHOWN = 20
"""Faults told to people one by one."""

AT_ONCE = 1000
"""Rows that are asked for from the end; of more, all are read."""

Newest = Annotated[int | None, typer.Option("--limit", min=1, help="Only the newest rows.")]
OfThread = Annotated[str, typer.Option("--thread", metavar="ID", help="Only those of a thread.")]
Anchor = Annotated[
    str,
    typer.Option("--anchor", metavar="HEAD|FILE", help="What `audit head` said, or a file of it."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    audit = typer.Typer(help="Who did what.", invoke_without_command=True)
    audit.callback()(list_rows)
    audit.command()(verify)
    audit.command()(head)
    audit.command()(seal)
    app.add_typer(audit, name="audit")


# --- rows ----------------------------------------------------------------------------------------


def list_rows(
    context: typer.Context, as_json: AsJson = False, limit: Newest = None, thread: OfThread = ""
) -> Job | None:
    """List every decision, run, refused attempt and operator's command, the newest last."""
    return None if context.invoked_subcommand else _list(as_json, limit, thread.lower())


async def _list(as_json: bool, limit: int | None, thread: str) -> int:
    async with connect(begin().settings) as store:
        if limit is None or limit > AT_ONCE or thread:
            await _all(store, as_json, limit, thread)
            return DONE
        for entry in await store.trail.newest(limit):
            _show(entry, as_json)
    return DONE


async def _all(store: ThreadStore, as_json: bool, limit: int | None, thread: str) -> None:
    """From the first one on; of those that are limited, no more are held than are shown."""
    last: deque[Entry] = deque(maxlen=limit)
    async for entry in store.trail.rows():
        if thread and parsed(entry.row).get("thread") != thread:
            continue
        if limit is None:
            _show(entry, as_json)
        else:
            last.append(entry)
    for entry in last:
        _show(entry, as_json)


def _show(entry: Entry, as_json: bool) -> None:
    row = parsed(entry.row)
    if as_json:
        json_line({"id": entry.id, **row, "mac": entry.mac})
    else:
        line(_told(row))


def _told(row: Mapping[str, JsonValue]) -> str:
    """One row as one line; a row that somebody changed may lack anything."""
    head = [str(row.get(name) or "-") for name in ("at", "thread", "seq", "kind")]
    by, person, ids = row.get("by"), row.get("person"), row.get("ids")
    who = [f"by {by}" + (f" ({person})" if person else "")] if by else []
    named = ids.items() if isinstance(ids, dict) else ()
    return " ".join([*head, *who, *(f"{name}={_value(value)}" for name, value in named)])


def _value(value: JsonValue) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


# --- verify --------------------------------------------------------------------------------------


def verify(anchor: Anchor = "", as_json: AsJson = False) -> Job:
    """Say whether every row is as it was written, and name those that are not."""
    return _verify(anchor, as_json)


async def _verify(anchor: str, as_json: bool) -> int:
    anchors = _anchors(anchor) if anchor else ()
    async with connect(begin().settings) as store:
        if store.trail.kept_in_store:
            warn(AS_SAFE_AS_THE_STORE)
        found = await auditing.verify(store, anchors)
    if as_json:
        faults: list[JsonValue] = [_fields(fault) for fault in found.faults]
        json_line({"ok": found.ok, "rows": found.rows, "chains": found.chains, "faults": faults})
        return DONE if found.ok else NOT_SO
    if found.ok:
        line(f"{found.rows} rows, {found.chains} chains, all as they were written")
        return DONE
    for fault in found.faults[:SHOWN]:
        line(str(fault))
    if len(found.faults) > SHOWN:
        line(f"and {len(found.faults) - SHOWN} more, `audit verify --json` has them all")
    if found.strange:
        line(STRANGE)
    return NOT_SO


STRANGE = (
    "no row at all fits this secret: was another WATCHKEEPER_SECRET set when they were written?"
    " If nobody else could have, `audit seal` vouches for them by this one"
)


def _fields(fault: Wrong) -> JsonValue:
    return {"thread": fault.thread, "seq": fault.seq, "id": fault.id, "fault": fault.told}


def _anchors(told: str) -> tuple[Head, ...]:
    """One head, or a file with one in each line. Raises `Fault`."""
    if (one := read_head(told)) is not None:
        return (one,)
    lines = load(Path(told)).decode("utf-8", "replace").splitlines()
    heads = [read_head(text) for text in lines if text.strip()]
    found = tuple(one for one in heads if one is not None)
    if not heads or len(found) < len(heads):
        raise Fault(f"{told} is no anchor: it holds lines of `audit head`, and nothing else", USAGE)
    return found


# --- head, seal ----------------------------------------------------------------------------------


def head(as_json: AsJson = False) -> Job:
    """Say in one line what stands for all rows: keep it elsewhere, and a cut is found."""
    return _head(as_json)


async def _head(as_json: bool) -> int:
    async with connect(begin().settings) as store:
        now = await auditing.head(store)
    if as_json:
        json_line({"id": now.id, "rows": now.rows, "hash": now.hash})
    else:
        line(str(now))
    return DONE


def seal(as_json: AsJson = False) -> Job:
    """Vouch for all rows as they are: once, after WATCHKEEPER_SECRET has been set or changed."""
    return _seal(as_json)


async def _seal(as_json: bool) -> int:
    session = begin()
    session.check_person()
    async with connect(session.settings) as store:
        if store.trail.kept_in_store:
            raise Fault("set WATCHKEEPER_SECRET first: it is what vouches for the rows", USAGE)
        sealed = await auditing.seal(store, f"console:{session.user}", session.person or "")
    if as_json:
        json_line({"upto": sealed.id, "rows": sealed.rows})
    else:
        line(f"{sealed.rows} rows sealed; heads from before say nothing any more, take a new one")
    return DONE
