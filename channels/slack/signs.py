"""Signs that the bot is at work, by whichever of Slack's ways the app has."""

import asyncio
from collections.abc import Awaitable, Callable

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.port import Address
from channels.slack import api
from channels.slack.rooms import Rooms

_NEVER = frozenset({"unknown_method", "missing_scope", "not_allowed_token_type", "invalid_method"})
"""The app does not have it, and will not have it before it is installed anew."""

_PAUSES = (0.25, 0.5, 1.0)
"""Seconds before what is over is said again, if Slack did not take it."""
_LONGEST = 3.0
"""Seconds that are waited for Slack at most: a sign is a courtesy."""

_Call = Callable[[Address, str, str], Awaitable[None]]


class Signs:
    """A status in the conversation; a session with its Stop button where there are sessions."""

    def __init__(self, client: AsyncWebClient, rooms: Rooms) -> None:
        self._client = client
        self._rooms = rooms
        self._lacking: set[str] = set()
        self._at_work: set[Address] = set()

    async def show(self, address: Address, doing: str) -> None:
        """At work at this; "" for no longer. Raises what the calls raise."""
        if not address.thread:
            return
        room = await self._rooms.channel(address.room)
        calls = (self._session, self._status)
        done = await asyncio.gather(
            *(self._call(call, address, room, doing) for call in calls), return_exceptions=True
        )
        for fault in done:
            if fault is not None:
                raise fault

    async def _call(self, call: _Call, address: Address, room: str, doing: str) -> None:
        """Show it once; what is over is tried more often, for nothing else would ever clear it."""
        pauses = iter(() if doing else _PAUSES)
        while True:
            try:
                await call(address, room, doing)
            except (SlackApiError, *api.UNREACHABLE) as fault:
                failed, pause = api.failed(fault), next(pauses, None)
                if pause is None or not failed.transient:
                    raise
                await asyncio.sleep(max(pause, min(failed.after, _LONGEST)))
            else:
                return

    async def _session(self, address: Address, room: str, doing: str) -> None:
        # Another process may have begun it, so that its end is always said.
        if (doing and address in self._at_work) or "sessions" in self._lacking:
            return
        try:
            await self._client.agents_sessions_setStatus(
                channel_id=room,
                thread_ts=address.thread,
                status="processing" if doing else "active",
            )
        except SlackApiError as fault:
            self._note("sessions", fault)
            return
        (self._at_work.add if doing else self._at_work.discard)(address)

    async def _status(self, address: Address, room: str, doing: str) -> None:
        if "status" in self._lacking:
            return
        try:
            await self._client.assistant_threads_setStatus(
                channel_id=room, thread_ts=address.thread, status=f"is {doing}…" if doing else ""
            )
        except SlackApiError as fault:
            self._note("status", fault)

    def _note(self, what: str, fault: SlackApiError) -> None:
        """The app has no such way, or the call has failed: that is raised."""
        if api.error_of(fault) not in _NEVER:
            raise fault
        self._lacking.add(what)
