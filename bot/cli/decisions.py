"""`requests`, `approve`, `deny`, `answer`: what people are asked, and their answers."""

from typing import Annotated

import typer
from pydantic import JsonValue

from agents.decisions import LONGEST, decision, judge, singly
from agents.port import Judge, Say
from agents.words import plain, quoted, shown
from bot import about
from bot import events as e
from bot.cli.job import DONE, INTERRUPTED, NOT_SO, USAGE, Fault, Job
from bot.cli.listing import about_of, iso, one_line
from bot.cli.output import json_line, line
from bot.cli.session import begin, stranger
from bot.cli.talk import Talk, talk
from bot.cli.threads import AsJson
from bot.cli.turns import said_to, turn
from bot.cli.working import stop_signals, until, working
from bot.intake import Refused
from bot.wiring import connect


def _request_id(word: str) -> str:
    """An id as the store writes it: any other word would be said to the bot as chat."""
    judged = decision(f"deny {word} x")
    if judged is None or judged.request != word.lower():
        told = f"{shown(word)} is not the id of a request, `requests` lists them"
        raise Fault(told, USAGE)
    return judged.request


RequestId = Annotated[
    str, typer.Argument(metavar="ID", help="The id of a request.", callback=_request_id)
]
Edits = Annotated[list[str] | None, typer.Argument(metavar="[ID]... [ARG=VALUE]...")]
Reason = Annotated[list[str], typer.Argument(metavar="REASON")]
Text = Annotated[list[str], typer.Argument(metavar="TEXT")]
MOST = 1000
COUNTED = (e.ApprovalGiven, e.ApprovalRefused, e.QuestionAnswered)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(requests)
    app.command()(approve)
    app.command()(deny)
    app.command()(answer)


def requests(as_json: AsJson = False) -> Job:
    """List the questions and approvals that wait for people."""
    return _requests(as_json)


async def _requests(as_json: bool) -> int:
    async with connect(begin().settings) as store:
        for row in await store.threads(limit=MOST, waiting=True):
            for request in about_of(row).requests:
                if as_json:
                    json_line({"thread": row.thread, **_fields(request)})
                else:
                    line(one_line(request))
    return DONE


def _fields(request: about.Open) -> dict[str, JsonValue]:
    return {
        "id": request.id,
        "kind": request.kind,
        "shown": request.shown,
        "asked_by": list(request.asked_by),
        "approvers": list(request.deciders),
        "quorum": request.quorum,
        "votes": list(request.votes),
        "options": list(request.options),
        "expires_at": iso(request.expires_at) if request.expires_at else None,
    }


def approve(request: RequestId, edits: Edits = None) -> Job:
    """Let requests run, or one with changed arguments."""
    return _decide("approve", request, *(_edit(word) for word in edits or ()))


def _edit(word: str) -> str:
    """The shell has taken the quotes away: put them back where the grammar needs them."""
    name, equals, value = word.partition("=")
    return f"{name}={quoted(value)}" if equals else word


def deny(request: RequestId, reason: Reason) -> Job:
    """Refuse a request and say why."""
    return _decide("deny", request, *reason)


def answer(request: RequestId, text: Text) -> Job:
    """Answer a question, in words or with the number of an option."""
    return _decide("answer", request, *text)


async def _decide(*words: str) -> int:
    session = begin()
    message = " ".join(" ".join(words).split())
    _check(message)
    with stop_signals() as stop:
        async with connect(session.settings) as store, working(session.settings, store):
            side = talk(session.settings, store, session.user, "")
            return await until(stop, _each(side, message), stopped=INTERRUPTED)


def _check(message: str) -> None:
    """What the bot would not read as a decision is not said to it."""
    if len(message) > LONGEST:
        raise Fault(f"a decision has at most {LONGEST} characters: shorten it", USAGE)
    match judge(plain(message)):
        case Judge():
            pass
        case Say(text=text):
            raise Fault(text, USAGE)
        case None:
            raise Fault("this can not be read as a decision", USAGE)


async def _each(side: Talk, message: str) -> int:
    """Say it for one request after the other; whether all of it counted."""
    codes = [await _told(side, part) for part in singly(message)]
    return max(codes)


async def _told(side: Talk, message: str) -> int:
    """Say it, print what is answered; whether it counted."""
    try:
        appended = await side.say(message)
    except Refused as refused:
        raise Fault(str(refused), USAGE) from None
    if appended is None:
        raise Fault(stranger(side.user))
    counted = False
    async for event in turn(side.store, appended):
        counted = counted or (isinstance(event, COUNTED) and event.turn == appended.seq)
        if (word := said_to(side.address, event)) is not None:
            line(side.text(word))
    return DONE if counted else NOT_SO
