"""The one door through which everything of Slack's comes in: durable first, acked after.

Bolt acks an event before its listeners run, so this is a middleware: while it has not returned,
Slack has heard nothing, and what it raises makes Slack deliver again.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from channels.port import Deliver, Inbound
from channels.slack import api, clicks, inbound, modals, names
from channels.slack.files import Files
from channels.slack.names import Me, Place
from channels.slack.payloads import Envelope, Interaction, MessageEvent, read
from channels.slack.rooms import Rooms

log = structlog.get_logger()

ELSEWHERE = (
    "I am not in this channel, so I answer you in our direct messages. `/invite @{name}` brings me."
)
MENTION = "Slack did not show the form. You can mention me in the message's thread instead."
NO_FORM = "Slack did not show the form. You can say it instead: `{verb} {request} …`"


class Door:
    """Takes what Slack sends; what is for the bot is delivered before Slack is answered."""

    def __init__(
        self, me: Me, client: AsyncWebClient, rooms: Rooms, files: Files, deliver: Deliver
    ) -> None:
        self._me = me
        self._client = client
        self._rooms = rooms
        self._files = files
        self._deliver = deliver
        self._forms: set[asyncio.Task[None]] = set()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self, req: AsyncBoltRequest) -> BoltResponse:
        """Returns once it is durable, or is none of the bot's business. Raises if it is lost."""
        body = req.body
        match body.get("type"):
            case "event_callback":
                await self._event(body, again="x-slack-retry-num" in req.headers)
            case "block_actions":
                await self._pressed(body)
            case "view_submission" if why := clicks.lacking(body):
                return _answer({"response_action": "errors", "errors": {modals.FIELD: why}})
            case "view_submission":
                await self._sent(body)
            case "message_action" | "shortcut":
                self._open_soon(clicks.shortcut(body), body)
            case None if "command" in body:
                return await self._command(body)
        return BoltResponse(status=200, body="")

    async def close(self) -> None:
        """No form is shown any more."""
        for task in (*self._forms,):
            task.cancel()
        await asyncio.gather(*self._forms, return_exceptions=True)

    async def _event(self, body: dict[str, object], *, again: bool) -> None:
        event, around = read(MessageEvent, body.get("event")), read(Envelope, body)
        if event is None or around is None:
            log.warning("slack.unreadable", id=str(body.get("event_id")))
            return
        if event.type == "agent_session_stopped":
            await self._hear(clicks.stopped(body, self._me, await self._rooms.place(event.channel)))
            return
        # Slack waits for three seconds. So files are fetched meanwhile, and not a second time.
        meant = inbound.from_event(body, self._me, Place(direct=True)) is not None
        files = event.files or [] if meant and not again else []
        fetching = asyncio.create_task(self._files.texts(files))
        # Bolt takes what comes at once side by side; what is said in a room keeps its order.
        async with _ended(fetching), self._turns[event.channel]:
            place = await self._rooms.heard_in(
                event.channel, event.channel_type, outsiders=around.is_ext_shared_channel
            )
            if inbound.from_event(body, self._me, place) is None:
                return
            attached = await fetching
            await self._hear(inbound.from_event(body, self._me, place, attached=attached))

    async def _pressed(self, body: dict[str, object]) -> None:
        place = await self._rooms.place(clicks.room_of(body))
        heard = clicks.pressed(body, self._me, place)
        if isinstance(heard, Inbound):
            await self._hear(heard)
        else:
            self._open_soon(heard, body)

    async def _sent(self, body: dict[str, object]) -> None:
        place = await self._rooms.place(clicks.room_of(body))
        heard = clicks.sent(body, self._me, place)
        if heard and heard.may_open and not await self._rooms.is_member(heard.address.room):
            heard = _in_private(heard, self._me)  # a shortcut can be used where it can not answer
        await self._hear(heard)

    async def _hear(self, heard: Inbound | None) -> None:
        if heard is not None:
            await self._deliver(heard)

    def _open_soon(self, form: clicks.Opens | None, body: dict[str, object]) -> None:
        """Slack is answered first: it may take its time to show the form."""
        task = asyncio.create_task(self._open(form, body))
        self._forms.add(task)
        task.add_done_callback(self._forms.discard)

    async def _open(self, form: clicks.Opens | None, body: dict[str, object]) -> None:
        """Show a form. If Slack will not, whoever pressed is told what to say instead."""
        told = read(Interaction, body)
        if form is None or told is None or told.channel is None:
            return
        try:
            await self._client.views_open(trigger_id=form.trigger, view=form.view)
        except (SlackApiError, *api.UNREACHABLE) as fault:
            log.warning("slack.no_form", why=str(api.failed(fault)))
            await self._say_instead(told)

    async def _say_instead(self, told: Interaction) -> None:
        action = told.actions[0] if told.actions else None
        verb = (
            {"edit": "approve", "write": "answer"}.get(action.action_id, "deny") if action else ""
        )
        request = (action.value or "").partition(" ")[0] if action else ""
        text = NO_FORM.format(verb=verb, request=request) if request else MENTION
        try:
            await self._client.chat_postEphemeral(
                channel=told.channel.id if told.channel else "", user=told.user.id, text=text
            )
        except (SlackApiError, *api.UNREACHABLE) as fault:
            log.warning("slack.not_told", why=str(api.failed(fault)))

    async def _command(self, body: dict[str, object]) -> BoltResponse:
        """What was typed is shown to the room that the answer goes to, or it goes elsewhere."""
        room = str(body.get("channel_id") or "")
        heard = clicks.command(body, self._me, await self._rooms.place(room))
        if heard is None:
            return BoltResponse(status=200, body="")
        if await self._rooms.is_member(room):
            await self._deliver(heard)
            return _answer({"response_type": "in_channel"})
        await self._deliver(_in_private(heard, self._me))
        return _answer({"text": ELSEWHERE.format(name=self._me.name)})


@asynccontextmanager
async def _ended(task: asyncio.Task[tuple[str, ...]]) -> AsyncIterator[None]:
    """Nothing of it is left after the block."""
    try:
        yield
    finally:
        task.cancel()


def _in_private(heard: Inbound, me: Me) -> Inbound:
    person = heard.author.id
    return replace(
        heard,
        references=(names.conversation(me.team, names.user_of(person), "command"),),
        address=names.address(person),
        audience=(f"{names.NAME}:{person}",),
        outsiders=False,
    )


def _answer(payload: Mapping[str, object]) -> BoltResponse:
    headers: dict[str, str | Sequence[str]] = {"content-type": "application/json"}
    return BoltResponse(status=200, body=json.dumps(payload), headers=headers)
