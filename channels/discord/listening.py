"""Keeping an ear open: a client that breaks is made anew, for as long as it may be."""

import asyncio

import structlog

from channels.discord.ears import Ears, Setting
from channels.discord.rest import cannot
from channels.port import CannotConnect

log = structlog.get_logger()

FIRST, LAST = 0.5, 60.0
"""Seconds before the next try: the first pause, and the longest."""
STEADY = 60.0
"""Seconds after which a connection counts as one that held."""


class Listening:
    """One client after the other. discord.py itself resumes what can be resumed."""

    def __init__(self, setting: Setting, token: str) -> None:
        self.setting = setting
        self._token = token
        self._current: Ears | None = None

    @property
    def current(self) -> Ears | None:
        """The client of now."""
        return self._current

    async def run(self) -> None:
        """Listen until cancelled. Raises `CannotConnect` as long as it was never connected.

        After that it is tried for ever: a token may be refused for a while, and come back.
        """
        pause = FIRST
        while True:
            begun = asyncio.get_running_loop().time()
            fault = await self._listen()
            told = cannot(fault)
            if not self.setting.ready.is_set():
                raise told
            log.warning("discord.broke", why=told.reason, kind=type(fault).__name__, again=pause)
            held = asyncio.get_running_loop().time() - begun > STEADY
            pause = FIRST if held else min(pause * 2, LAST)
            await asyncio.sleep(pause)

    async def _listen(self) -> Exception:
        """What ended it: a malformed event, too, ends discord.py's client."""
        self._current = ears = Ears(self.setting)
        try:
            await ears.start(self._token)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it must not make us deaf
            return fault
        finally:
            await ears.close()
        return CannotConnect("the gateway closed", transient=True)
