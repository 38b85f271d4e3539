"""Sending what is queued: once per key, again later when a channel will not take it just now."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot import events as e
from bot.thread import Queued
from channels.port import Channel, Outbound, SendFailed, SendUnclear

log = structlog.get_logger()

TIME = 30.0
"""Seconds after which a channel that has not answered is taken for down."""

FIRST = timedelta(seconds=0.5)
LAST = timedelta(minutes=1)
AGE = timedelta(days=1)
"""The first and the longest pause between tries, and when a reply is given up."""


Name = Callable[[str, str], Awaitable[None]]
"""Makes a native reference one more name of a thread, if it is none yet."""


async def nameless(_reference: str, _thread: str) -> None:
    """Where no answer comes in."""


class Delivery:
    """The channels that this worker is connected to, by name."""

    def __init__(self, channels: Mapping[str, Channel], name: Name = nameless) -> None:
        self._channels = channels
        self._name = name

    async def send(self, thread: str, queued: Queued, now: datetime) -> e.Event:
        """Send one queued reply under its key; the outcome as an event, whatever happens."""
        message = Outbound(
            key=f"{thread}:{queued.id}",
            address=queued.address,
            text=queued.text,
            card=queued.card,
            only=queued.only,
            edits=queued.edits,
            at=queued.at,
        )
        begun, after = time.monotonic(), 0.0
        try:
            async with asyncio.timeout(TIME):
                ref = await self._send(message)
                if ref.startswith(f"{message.address.channel}:"):
                    await self._named(ref, thread)
                return e.ReplyDelivered(reply=queued.id, ref=ref)
        except SendUnclear as unclear:
            return e.ReplyUncertain(reply=queued.id, reason=unclear.reason)
        except SendFailed as failed:
            if not failed.transient:
                return e.ReplyFailed(reply=queued.id, reason=failed.reason)
            reason, after = failed.reason, failed.after
        except TimeoutError:
            reason = "no answer"
        except Exception:
            # A channel's fault must not end what runs beside it.
            log.exception("send.broke", thread=thread, channel=queued.address.channel)
            reason = "it broke inside"
        failed_at = now + timedelta(seconds=time.monotonic() - begun)
        return _postponed(queued, reason, failed_at, timedelta(seconds=after))

    async def _named(self, reference: str, thread: str) -> None:
        """So that an answer to it comes in here; it is sent, whatever becomes of that."""
        try:
            await self._name(reference, thread)
        except Exception:
            log.exception("send.nameless", thread=thread)

    async def _send(self, message: Outbound) -> str:
        channel = self._channels.get(message.address.channel)
        if channel is None:
            # Another worker may have it.
            raise SendFailed(f"{message.address.channel} is not connected here", transient=True)
        return await channel.send(message)


def _postponed(queued: Queued, reason: str, now: datetime, after: timedelta) -> e.Event:
    """Again later under the same key, for a day; by a timer, so that it holds nobody up."""
    if now - queued.at > AGE:
        return e.ReplyFailed(reply=queued.id, reason=reason)
    pause = after or min(FIRST * 2 ** min(queued.tries, 10), LAST)
    return e.ReplyPostponed(reply=queued.id, until=now + pause, reason=reason)
