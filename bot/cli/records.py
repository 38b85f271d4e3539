"""`record`: a thread becomes a case that models are measured by."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.files import create
from bot.cli.job import DONE, Fault, Job
from bot.cli.output import json_line, line
from bot.cli.session import begin
from bot.cli.threads import AsJson, ThreadId, known
from bot.evals.case import CaseError, read, written
from bot.evals.promote import NotACase, promoted
from bot.wiring import connect

To = Annotated[
    Path | None, typer.Option("--to", metavar="FILE", help="Where to (default: ID.json, here).")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(record)


def record(thread: ThreadId, to: To = None, as_json: AsJson = False) -> Job:
    """Write a thread down as a case for `eval`: what was decided is what is expected."""
    return _record(thread, to, as_json)


async def _record(thread: str, to: Path | None, as_json: bool) -> int:
    session = begin()
    path = to or Path(f"{thread}.json")
    async with connect(session.settings) as store:
        try:
            case = promoted(thread, await known(store, thread))
            data = written(case)
            read(data, "it")  # what is written can be read
        except (NotACase, CaseError) as why:
            raise Fault(f"{thread} can not become a case: {why}") from None
        digest = hashlib.sha256(data).hexdigest()
        await session.audit(store, "record", thread=thread, sha256=digest)
        create(path, data)
    messages, calls = len(case.messages), len(case.expect.calls)
    if as_json:
        json_line({"thread": thread, "file": str(path), "messages": messages, "calls": calls})
    else:
        line(f"{path}: {messages} messages, {calls} calls; read it before you give it to others")
    return DONE
