"""HTTP mode: events, commands and interactions as signed requests to an address of the app."""

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from tests.slack_server.delivery import Delivery, Fate
from tests.slack_server.wire import COMMANDS, EVENTS, INTERACTIVE, SECRET, Payload


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the app answered a request with."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def answer(self) -> Payload:
        """What the platform makes of its body: an object, or a text to be shown."""
        if self.text.startswith("{"):
            told: Payload = json.loads(self.text)
            return told
        return {"text": self.text} if self.text else {}


class Requests:
    """Posts to `url`, signed with `secret`. ack: seconds that an answer may take."""

    def __init__(self, ack: float) -> None:
        self.url = ""
        self.secret = SECRET
        self.ack = ack
        self._session: aiohttp.ClientSession | None = None

    async def send(
        self,
        kind: str,
        payload: Payload,
        *,
        signature: str = "",
        age: float = 0.0,
        retry: tuple[int, str] = (0, ""),
    ) -> Reply:
        """One request. signature: this instead of the right one; age: seconds since it was signed.

        retry: the attempt and the reason that its headers tell.
        """
        body, content_type = _written(kind, payload)
        stamp = str(int(time.time() - age))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or sign(self.secret, stamp, body),
        }
        if retry[0]:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        if self._session is None:
            self._session = aiohttp.ClientSession()
        timeout = aiohttp.ClientTimeout(total=self.ack)
        async with self._session.post(
            self.url, data=body, headers=headers, timeout=timeout
        ) as response:
            told = {name.lower(): value for name, value in response.headers.items()}
            return Reply(status=response.status, headers=told, text=await response.text())

    async def carry(self, delivery: Delivery) -> Fate:
        """Post it, and take the answer for the ack."""
        delivery.envelopes.append(str(uuid.uuid4()))
        delivery.journal.tell()
        try:
            reply = await self.send(delivery.kind, delivery.payload, retry=delivery.retry)
        except TimeoutError:
            return "timeout"
        except aiohttp.ClientError:
            return "connection_failed"
        if reply.status != 200:
            return "lost" if "x-slack-no-retry" in reply.headers else "http_error"
        delivery.ack(reply.answer)
        return "acked"

    async def close(self) -> None:
        """Nothing is posted any more."""
        if self._session is not None:
            await self._session.close()


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The signature of a body that was sent at this time."""
    signed = b":".join((b"v0", stamp.encode(), body))
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _written(kind: str, payload: Payload) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    if kind == COMMANDS:
        return urlencode(payload).encode(), form
    if kind == INTERACTIVE:
        return urlencode({"payload": json.dumps(payload)}).encode(), form
    assert kind == EVENTS
    return json.dumps(payload).encode(), "application/json"
