"""Signs that the bot is at work, by whichever of Slack's ways the app has."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.port import Address
from channels.slack import api
from channels.slack.rooms import Rooms

_NEVER = frozenset({"unknown_method", "missing_scope", "not_allowed_token_type", "invalid_method"})
"""The app does not have it, and will not have it before it is installed anew."""


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
        await self._session(address, room, at_work=bool(doing))
        await self._status(address, room, doing)

    async def _session(self, address: Address, room: str, *, at_work: bool) -> None:
        if at_work is (address in self._at_work) or "sessions" in self._lacking:
            return
        (self._at_work.add if at_work else self._at_work.discard)(address)
        try:
            await self._client.agents_sessions_setStatus(
                channel_id=room,
                thread_ts=address.thread,
                status="processing" if at_work else "active",
            )
        except SlackApiError as fault:
            self._note("sessions", fault)

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
        if api.error_of(fault) in _NEVER:
            self._lacking.add(what)
