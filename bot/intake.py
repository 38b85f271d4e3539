"""From a channel's message to an event on the right thread. Durable first, told after."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from agents.decisions import decision, singly
from bot import events as e
from bot.rules import Rules
from bot.store.port import Appended, ThreadStore
from channels.port import Author, Inbound

MOST_BYTES = 64 * 1024
"""The longest message that is taken in (UTF-8)."""

STRANGER = (
    "I do not know you, so I can not work for you. Whoever runs me can add you under [people] in"
    " watchkeeper.toml with this id: {channel} {id}"
)


HOUR = timedelta(hours=1)
TOO_MANY = (
    "That was more than {most} messages within an hour (limits.turns_per_person_hour), so I do not"
    " take it in. Decisions and `cancel` always work; the rest does again with the next hour (UTC)."
)


class Refused(Exception):
    """The message is not taken in; the text says to its author what to mend."""


class Intake:
    """Where every channel delivers to."""

    def __init__(
        self,
        store: ThreadStore,
        rules: Rules,
        *,
        names: Sequence[str],
        redact: Callable[[str], str],
    ) -> None:
        self._store = store
        self._rules = rules
        self._redact = redact
        self._names = names

    async def deliver(self, inbound: Inbound) -> Appended | None:
        """Append it; it is durable once this returns. None if it is not for us.

        A decision on several requests becomes one input for each; where the last stands is told.
        Raises `Refused` for a message that can not be taken in, `StoreError` if it is not stored.
        """
        inbound = replace(inbound, text=self._clean(inbound.text))
        size = len(inbound.text.encode())
        if size > MOST_BYTES:
            raise Refused(
                f"the message has {size} bytes, and I take at most {MOST_BYTES}: shorten it"
            )
        person = self._rules.people.find(inbound.author)
        if inbound.change != "said":
            return await self._reword(inbound, person)
        if person is None and self._rules.unknown != "chat":
            return await self._turn_away(inbound)
        if person is not None and await self._too_many(inbound, person):
            return await self._slow_down(inbound, person)
        parts = singly(inbound.text, self._names)
        stored: Appended | None = None
        for number, text in enumerate(parts):
            dedupe = f"{inbound.dedupe}:{number}" if number and inbound.dedupe else inbound.dedupe
            stored = await self._append(replace(inbound, text=text, dedupe=dedupe), person)
        return stored

    async def take(self, inbound: Inbound) -> bool:
        """As channels deliver: `deliver`, and what can not be taken in is said there.

        Whether it is new. Raises `StoreError` if it is not stored.
        """
        try:
            stored = await self.deliver(inbound)
        except Refused as refused:
            stored = await self._notice(inbound, str(refused), f"refused:{inbound.dedupe}")
        return stored is not None and stored.fresh

    async def _reword(self, inbound: Inbound, person: str | None) -> Appended | None:
        """A message that was taken in reads otherwise; of others nothing need be known."""
        at, by, place, ref = self._store.now(), inbound.author, inbound.address, inbound.ref
        event: e.Event = (
            e.MessageEdited(at=at, by=by, person=person, address=place, ref=ref, text=inbound.text)
            if inbound.change == "edited"
            else e.MessageDeleted(at=at, by=by, person=person, address=place, ref=ref)
        )
        return await self._store.append(
            inbound.references, event, dedupe=inbound.dedupe, may_open=False
        )

    async def _too_many(self, inbound: Inbound, person: str) -> bool:
        """Whether it is over the person's share of the hour; decisions and controls never are."""
        most = self._rules.turns_per_hour
        if most is None or self._rules.read(inbound.text).kind in {"judge", "control"}:
            return False
        member = inbound.dedupe or secrets.token_hex(16)
        return await self._store.tally(self._hour(person), member, kept=HOUR) > most

    async def _slow_down(self, inbound: Inbound, person: str) -> Appended | None:
        """Said once an hour; what was written is not taken in."""
        text = TOO_MANY.format(most=self._rules.turns_per_hour)
        return await self._notice(inbound, text, f"rate:{self._hour(person)}")

    async def _notice(self, inbound: Inbound, text: str, dedupe: str) -> Appended | None:
        """Said where the message was; once for each `dedupe`."""
        notice = e.NoticeQueued(at=self._store.now(), address=inbound.address, text=text)
        return await self._store.append(
            inbound.references, notice, dedupe=dedupe, may_open=inbound.may_open
        )

    def _hour(self, person: str) -> str:
        return f"{person}:{self._store.now():%Y-%m-%dT%H}"

    def _clean(self, text: str) -> str:
        """What can be stored: no half characters, none of the bot's own secrets."""
        return self._redact(text.encode("utf-8", "replace").decode())

    async def _append(self, inbound: Inbound, person: str | None) -> Appended | None:
        owner = await self._owner(inbound)
        event = e.MessageReceived(
            at=self._store.now(),
            by=inbound.author,
            person=person,
            address=inbound.address,
            text=inbound.text,
            audience=inbound.audience,
            via=inbound.address if owner else None,
            outsiders=inbound.outsiders,
            ref=inbound.ref,
        )
        if owner is not None:
            return await self._store.append_to(owner, event, dedupe=inbound.dedupe)
        return await self._store.append(
            inbound.references, event, dedupe=inbound.dedupe, may_open=inbound.may_open
        )

    async def _owner(self, inbound: Inbound) -> str | None:
        """The thread of the request that the message decides on, if that is another thread."""
        judged = decision(inbound.text, self._names)
        if judged is None:
            return None
        owner = judged.request.rpartition("-")[0]
        for reference in inbound.references:
            here = await self._store.find(reference)
            if here is not None:
                return owner if owner != here and await self._store.exists(owner) else None
        return owner if await self._store.exists(owner) else None

    async def _turn_away(self, inbound: Inbound) -> Appended | None:
        """Strangers are told once whom to ask, or nothing at all."""
        if self._rules.unknown == "ignore" or inbound.author.bot:
            return None
        author: Author = inbound.author
        text = STRANGER.format(channel=author.channel, id=author.id)
        return await self._notice(inbound, text, f"stranger:{author.channel}:{author.id}")
