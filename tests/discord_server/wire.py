"""What every part of the server speaks: ids, times, errors and the protocol's numbers."""

import time
from datetime import UTC, datetime
from enum import IntFlag
from typing import Any

Payload = dict[str, Any]
"""A JSON object on the wire."""

EPOCH = 1_420_070_400_000
"""The millisecond from which ids count."""


class Intent(IntFlag):
    """What a connection asks to be told of."""

    GUILDS = 1 << 0
    MEMBERS = 1 << 1
    PRESENCES = 1 << 8
    MESSAGES = 1 << 9
    REACTIONS = 1 << 10
    DM_MESSAGES = 1 << 12
    DM_REACTIONS = 1 << 13
    CONTENT = 1 << 15


PRIVILEGED = Intent.MEMBERS | Intent.PRESENCES | Intent.CONTENT
"""What the portal has to allow first."""


class Flag(IntFlag):
    """Bits of a message's `flags`."""

    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    COMPONENTS_V2 = 1 << 15


class Permission(IntFlag):
    """The permissions that the server itself looks at or gives."""

    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38


EVERYDAY = Permission(sum(Permission))
"""What a person may do, and a bot that was invited with what it needs."""


class Kind:
    """Numbers of the `type` of a channel, a message or an interaction."""

    TEXT, DM, THREAD = 0, 1, 11
    PLAIN, THREAD_CREATED, REPLY, COMMAND_REPLY, THREAD_STARTER = 0, 18, 19, 20, 21
    SLASH, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5


class Refused(Exception):
    """An error that the API answers with."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.payload: Payload = {"message": message, "code": code, **more}


UNAUTHORIZED = (401, 0, "401: Unauthorized")
NOT_FOUND = (404, 0, "404: Not Found")
UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
UNKNOWN_USER = (404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
TOO_LARGE = (413, 40005, "Request entity too large")
ALREADY_ANSWERED = (400, 40060, "Interaction has already been acknowledged.")
MISSING_ACCESS = (403, 50001, "Missing Access")
NOT_ITS_AUTHOR = (403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
CANNOT_DM = (403, 50007, "Cannot send messages to this user")
MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
INVALID_TOKEN = (401, 50027, "Invalid Webhook Token")
THREAD_LOCKED = (403, 160005, "Thread is locked")
THREAD_EXISTS = (400, 160004, "A thread has already been created for this message")


def invalid(field: str, message: str) -> Refused:
    """The error for a body whose `field` is not as it has to be."""
    errors = {field: {"_errors": [{"code": "INVALID", "message": message}]}}
    return Refused(400, 50035, "Invalid Form Body", errors=errors)


class Snowflakes:
    """Ids that grow, and tell when they were made."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """The next id."""
        now = (int(time.time() * 1000) - EPOCH) << 22
        self._last = max(self._last + 1, now)
        return self._last


def moment(snowflake: int) -> str:
    """When an id was made, as the wire writes it."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH) / 1000, UTC).isoformat()


def now() -> str:
    """This moment, as the wire writes it."""
    return datetime.now(UTC).isoformat()
