"""Sending what is queued: once per key, again later when a channel will not take it just now."""

import asyncio
import time
from collections.abc import Mapping
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


class Delivery:
    """The channels that this worker is connected to, by name."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    async def send(self, thread: str, queued: Queued, now: datetime, *, to: str = "") -> e.Event:
        """Send one queued reply under its key; the outcome as an event, whatever happens.

        to: as in `Outbound`.
        """
        message = Outbound(
            key=f"{thread}:{queued.id}",
            address=queued.address,
            text=queued.text,
            card=queued.card,
            only=queued.only,
            to=to,
            edits=queued.edits,
            at=queued.at,
        )
        begun, after = time.monotonic(), 0.0
        try:
            async with asyncio.timeout(TIME):
                return e.ReplyDelivered(reply=queued.id, ref=await self._send(message))
        except SendUnclear as unclear:
            log.warning("send.unclear", thread=thread, why=unclear.reason)
            return e.ReplyUncertain(reply=queued.id, reason=unclear.reason, ref=unclear.ref)
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
