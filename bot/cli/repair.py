"""`dead`, `recover`: setting right what is stored, by the log."""

import typer

from bot import recovery
from bot.cli.job import DONE, NOT_SO, Fault, Job
from bot.cli.output import json_line, line
from bot.cli.session import begin
from bot.cli.threads import AsJson, ThreadId
from bot.rulebook import build_rules
from bot.rules import Rules
from bot.settings import Settings
from bot.store.port import ThreadStore
from bot.toolbox import build_tools
from bot.wiring import connect


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(recover)
    dead = typer.Typer(help="Threads that were set aside.", invoke_without_command=True)
    dead.callback()(list_dead)
    dead.command()(retry)
    app.add_typer(dead, name="dead")


def list_dead(context: typer.Context, as_json: AsJson = False) -> Job | None:
    """List the threads that were set aside, and why."""
    return _dead(as_json) if context.invoked_subcommand is None else None


async def _dead(as_json: bool) -> int:
    async with connect(begin().settings) as store:
        for thread, reason in (await store.dead()).items():
            if as_json:
                json_line({"thread": thread, "reason": reason})
            else:
                line(f"{thread}  {' '.join(reason.split())}")
    return DONE


def retry(thread: ThreadId, as_json: AsJson = False) -> Job:
    """Try a thread again that was set aside."""
    return _retry(thread, as_json)


async def _retry(thread: str, as_json: bool) -> int:
    session = begin()
    async with connect(session.settings) as store:
        if thread not in await store.dead():
            raise Fault(f"{thread} is not among the dead letters")
        await session.audit(store, "dead retry", thread=thread)
        if not await store.revive(thread):
            raise Fault(f"{thread} is not among the dead letters any more")
    if as_json:
        json_line({"thread": thread, "retried": True})
    else:
        line(f"{thread}: will be tried again")
    return DONE


def recover(as_json: AsJson = False) -> Job:
    """Rebuild queues, timers and lists of every thread from its log."""
    return _recover(as_json)


async def _recover(as_json: bool) -> int:
    session = begin()
    async with connect(session.settings) as store:
        await session.audit(store, "recover")
        done = await recovery.recover(store, _rules(session.settings, store))
    if as_json:
        json_line(
            {
                "rebuilt": done.rebuilt,
                "busy": list(done.busy),
                "unreadable": list(done.unreadable),
            }
        )
    else:
        line(f"threads rebuilt: {done.rebuilt}")
        for thread in done.busy:
            line(f"{thread}: a worker holds it, so it needs nothing")
        for thread in done.unreadable:
            line(f"{thread}: its log can not be folded, see `replay {thread}`")
    return NOT_SO if done.unreadable else DONE


def _rules(settings: Settings, store: ThreadStore) -> Rules:
    return build_rules(settings, build_tools(settings, store))
