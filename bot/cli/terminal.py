"""The console on a terminal: a prompt that stays, with what is said to you above it."""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path

import structlog
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.data_structures import Size
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import FileHistory
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.renderer import print_formatted_text

from agents.decisions import PHRASES, singly
from bot import events as e
from bot.cli.job import DONE
from bot.cli.listing import about_of, one_line
from bot.cli.progress import Progress
from bot.cli.screen import asked, dimmed, drawn
from bot.cli.talk import Talk
from bot.cli.turns import Word, following, said_to, turn
from bot.cli.version import version
from bot.intake import Refused
from bot.settings import Settings
from bot.store.port import Appended, StoreError
from bot.toolbox import build_tools
from channels.console import besides, card_lines, clean

log = structlog.get_logger()

HISTORY = "console_history"
PROMPT = "> "
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
LEAVING = ("exit", "quit")
LISTED = 100
RETRY = 1.0
"""Seconds between looks at a store that is gone."""


class Terminal:
    """One person at one prompt."""

    def __init__(self, side: Talk, settings: Settings) -> None:
        names = (tool.name for tool in build_tools(settings, side.store))
        self._side = side
        self._person = settings.people_by_console(side.user)
        self._offers = dict.fromkeys(("help", *PHRASES, *names))
        self._own: str | None = None
        self._progress: dict[str, Progress] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._prompt: PromptSession[str] = PromptSession(
            self._line,
            history=FileHistory(str(_private(settings.data_dir / HISTORY))),
            completer=WordCompleter(lambda: list(self._offers), sentence=True),
            complete_while_typing=False,
            refresh_interval=0.2,
            output=Vt100_Output(sys.stdout, _size, os.environ.get("TERM"), enable_cpr=False),
        )

    async def converse(self) -> int:
        """Talk until Ctrl-D; what was said meanwhile comes first."""
        try:
            with self._prompt.app.input.raw_mode():  # between prompts, too: no key is lost
                await self._welcome()
                while await self._turn():
                    pass
            return DONE
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def finish(self) -> None:
        """The prompt is gone and the worker has ended: show what it still answered."""
        with suppress(StoreError):  # then the next console shows it
            own, seen = await self._side.own_thread(), await self._side.seen()
            if own is None or seen is None:
                return
            for word in await self._side.said(own, after=seen):
                self._show(word)
                await self._side.set_seen(word.seq)

    async def _turn(self) -> bool:
        """One line, or one key that is none; False to leave."""
        try:
            text = await self._prompt.prompt_async(handle_sigint=False)
        except KeyboardInterrupt:
            await self._interrupt()
        except EOFError:
            return self._leave()
        else:
            word = text.strip().lower()
            if word in LEAVING and word not in self._offers:
                return self._leave()
            if word:
                for part in singly(clean(text)):
                    await self._say(part)
        return True

    def _leave(self) -> bool:
        if self._busy():
            self._remark("what is under way is finished first; Ctrl-C leaves at once")
        return False

    # --- to the bot

    async def _say(self, text: str) -> None:
        try:
            await self._side.begin()
            appended = await self._side.say(text)
        except (Refused, StoreError) as fault:
            self._remark(f"not taken in: {fault}")
            return
        if appended is None:
            self._remark("nobody listens to you here: you are not in the configuration")
        elif self._own is None and appended.thread == await self._side.own_thread():
            self._attend(appended.thread, appended.seq - 1)
        elif appended.thread != self._own:
            self._begin(self._elsewhere(appended))

    async def _interrupt(self) -> None:
        """Ctrl-C calls off what is under way."""
        if self._busy():
            self._remark("cancel")
            await self._say("cancel")
        else:
            self._remark("Ctrl-D leaves")

    # --- from the bot

    async def _welcome(self) -> None:
        who = self._person or f"{self._side.user}, whom the configuration does not name"
        self._remark(f"watchkeeper {version()}: you are {who}. `help` helps.")
        for row in await self._side.store.threads(limit=LISTED, waiting=True):
            for request in about_of(row).requests:
                if self._person in (*request.deciders, *request.asked_by):
                    self._remark(f"open: {one_line(request)}")
                    self._offer(request.id)
        own = self._own = await self._side.own_thread()
        if own is not None:
            self._attend(own, await self._catch_up(own))

    async def _catch_up(self, own: str) -> int:
        """Show what was said since this console last looked; the newest event."""
        seen = await self._side.begin()
        for event in await self._side.store.events(own, after=seen):
            await self._saw(own, event)
            seen = event.seq
        return seen

    def _attend(self, own: str, after: int) -> None:
        self._own = own
        self._begin(self._live(own, after))

    async def _live(self, own: str, after: int) -> None:
        """Show what is said on our thread as it is said, whatever becomes of the store."""
        lost = False
        while True:
            try:
                async with following(self._side.store, own, after=after) as events:
                    async for event in events:
                        lost = False
                        await self._saw(own, event)
                        after = event.seq
            except StoreError as fault:
                if not lost:
                    self._remark(f"lost the store ({fault}), trying again")
                lost = True
                await asyncio.sleep(RETRY)

    async def _elsewhere(self, appended: Appended) -> None:
        """A decision on another thread: what is said of it here."""
        try:
            async for event in turn(self._side.store, appended):
                await self._saw(appended.thread, event)
        except StoreError as fault:
            self._remark(f"lost the store: {fault}")
        finally:
            self._progress.pop(appended.thread, None)

    async def _saw(self, thread: str, event: e.Event) -> None:
        self._progress.setdefault(thread, Progress()).saw(event)
        if isinstance(event, e.ApprovalRequested | e.QuestionAsked):
            self._offer(event.request_id)
        if (word := said_to(self._side.address, event)) is not None:
            self._show(word)
            if thread == self._own:
                await self._side.set_seen(event.seq)

    # --- the screen

    def _show(self, word: Word) -> None:
        card = word.card if isinstance(word, e.ReplyQueued) else None
        if card is None:
            self._print(drawn(clean(word.text)))
        else:
            lines = card_lines(card, zone=self._side.zone)
            self._print(asked(besides(word.text, card), lines))

    def _remark(self, text: str) -> None:
        self._print(dimmed(clean(text)))

    def _print(self, drawing: str) -> None:
        """Above the prompt, without letting go of the keyboard."""
        app = self._prompt.app
        if app.is_running:
            app.renderer.erase()
        print_formatted_text(app.output, ANSI(drawing), app.renderer.style)
        app.invalidate()

    def _line(self) -> str:
        """The prompt, under a line about what is under way; none of that stays on the screen."""
        lines = [line for one in self._progress.values() if (line := one.line)]
        if not lines or get_app().is_done:
            return PROMPT
        frame = FRAMES[int(time.monotonic() * 10) % len(FRAMES)]
        told = " ".join(clean("; ".join(lines)).split())
        most = _size().columns - 4
        return f"{frame} {told if len(told) <= most else f'{told[:most]}…'}\n{PROMPT}"

    def _busy(self) -> bool:
        return any(one.line for one in self._progress.values())

    def _offer(self, request: str) -> None:
        self._offers |= dict.fromkeys(f"{verb} {request}" for verb in ("approve", "deny", "answer"))

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Nobody waits for it, so what broke it is told here."""
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("console.broke", exc_info=fault)
            self._remark(f"answers are not shown any more, start `chat` again ({fault})")


def _size() -> Size:
    columns, rows = shutil.get_terminal_size()
    return Size(rows=rows, columns=columns)


def _private(path: Path) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return path
