"""Reply tokens: what follows the "+" of our address says which thread a reply goes to. Pure.

A token is a thread, whom it was given to and until when, signed, so that nobody can make one up.
It is lower case letters and digits, as some servers fold the case of addresses.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_THREAD, _PERSON, _DAYS, _MAC = 10, 5, 2, 10
_SIZE = _THREAD + _PERSON + _DAYS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ANYBODY = bytes(_PERSON)
LENGTH = 28 + 1 + 16
"""Characters of a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """thread: as `thread_of` names it. person: digest of who it was given to, "" for several."""

    thread: str
    person: str
    expires: datetime

    def is_for(self, address: str) -> bool:
        """Whether it was given to whoever has this address, or to several."""
        return not self.person or self.person == _person(address).hex()


def thread_of(message_id: str) -> str:
    """What a token says of the thread in which that message is."""
    return _digest(message_id, _THREAD).hex()


def signed(secret: bytes, message_id: str, people: tuple[str, ...], expires: datetime) -> str:
    """A token for the thread of that message, for one person or for several."""
    person = _person(people[0]) if len(people) == 1 else _ANYBODY
    days = min(max((expires - _EPOCH) // timedelta(days=1), 0), 0xFFFF)
    told = _digest(message_id, _THREAD) + person + days.to_bytes(_DAYS, "big")
    return f"{_letters(told)}.{_letters(_mac(secret, told))}"


def ours(secret: bytes, text: str) -> Token | None:
    """What a token says, whether or not it has expired; None for one that is not ours."""
    return verified(secret, text, _EPOCH)


def verified(secret: bytes, text: str, now: datetime) -> Token | None:
    """What a token says; None for one that is not ours, is broken or has expired."""
    told_letters, dot, mac_letters = text.lower().partition(".")
    told, mac = _bytes(told_letters), _bytes(mac_letters)
    if not dot or len(told) != _SIZE or not hmac.compare_digest(mac, _mac(secret, told)):
        return None
    person = told[_THREAD : _THREAD + _PERSON]
    expires = _EPOCH + timedelta(days=int.from_bytes(told[_THREAD + _PERSON :], "big") + 1)
    if now >= expires:
        return None
    known = "" if person == _ANYBODY else person.hex()
    return Token(thread=told[:_THREAD].hex(), person=known, expires=expires)


def _person(address: str) -> bytes:
    return _digest(address.casefold(), _PERSON)


def _digest(text: str, size: int) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:size]


def _mac(secret: bytes, told: bytes) -> bytes:
    return hmac.digest(secret, b"reply:" + told, "sha256")[:_MAC]


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def _bytes(letters: str) -> bytes:
    try:
        return base64.b32decode(letters.upper() + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        return b""
