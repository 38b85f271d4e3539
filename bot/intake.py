"""From a channel's message to an event on the right thread. Durable first, told after."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from agents.decisions import decision, first_line, implied, singly
from agents.port import Judge
from bot import events as e
from bot import sentences
from bot.audit import Note
from bot.meter import Meter, Unmetered
from bot.people import MAIL
from bot.rules import Rules
from bot.store.port import Appended, ThreadStore
from channels.port import Author, Doubt, Inbound

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


SAME = 20
"""Mails of one address with the same prose that are taken in within an hour."""
AGAIN = (
    "That was the same for more than {most} times within an hour, as machines say it, so I do not"
    " take it in."
)


ANY = f"{'a' * 12}-1"
"""Some request: to see whether words would decide on one."""
LINES = 5
"""Lines of what no person wrote that are looked at for the audit."""


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
        meter: Meter | None = None,
    ) -> None:
        self._store = store
        self._rules = rules
        self._redact = redact
        self._names = names
        self._meter = meter or Unmetered()

    async def deliver(self, inbound: Inbound) -> Appended | None:
        """Append it; it is durable once this returns. None if it is not for us.

        A decision on several requests becomes one input for each; where the last stands is told.
        Raises `Refused` for a message that can not be taken in, `StoreError` if it is not stored.
        """
        inbound = replace(inbound, text=self._clean(inbound.text))
        if inbound.change == "undelivered":
            return await self._came_back(inbound)
        if inbound.change == "unheard":
            await self._doubted(inbound, inbound.text.splitlines()[:LINES])
            return None
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
        if notice := await self._over(inbound, person):
            self._meter.count("refused", inbound.author.channel, "too many")
            return await self._notice(inbound, *notice)
        first = singly(_deciding(inbound), self._names)
        parts = first if len(first) > 1 else (inbound.text,)
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
            self._meter.count("refused", inbound.author.channel, "unfit")
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

    async def _over(self, inbound: Inbound, person: str | None) -> tuple[str, str] | None:
        """What is said once an hour instead of taking it in, and under which name."""
        if person is not None and await self._too_many(inbound, person):
            text = TOO_MANY.format(most=self._rules.turns_per_hour)
            return text, f"rate:{self._hour(person)}"
        if await self._is_an_echo(inbound):
            return AGAIN.format(most=SAME), f"same:{self._hour(inbound.author.id)}"
        return None

    async def _too_many(self, inbound: Inbound, person: str) -> bool:
        """Whether it is over the person's share of the hour; decisions and controls never are."""
        most = self._rules.turns_per_hour
        if most is None or self._rules.read(inbound.text).kind in {"judge", "control"}:
            return False
        member = inbound.dedupe or secrets.token_hex(16)
        return await self._store.tally(self._hour(person), member, kept=HOUR) > most

    async def _is_an_echo(self, inbound: Inbound) -> bool:
        """Whether it is what an autoresponder says that does not own up to be one."""
        if inbound.author.channel != MAIL or self._rules.read(inbound.text).kind != "pass":
            return False
        words = hashlib.sha256(" ".join(inbound.text.split()).encode()).hexdigest()[:16]
        name = f"same:{self._hour(inbound.author.id)}:{words}"
        member = inbound.dedupe or secrets.token_hex(16)
        return await self._store.tally(name, member, kept=HOUR) > SAME

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

    async def _came_back(self, inbound: Inbound) -> Appended | None:
        """A message of ours: whoever was to read it has not."""
        event = e.ReplyUndelivered(
            at=self._store.now(), address=inbound.address, ref=inbound.ref, reason=inbound.text
        )
        return await self._store.append(
            inbound.references, event, dedupe=inbound.dedupe, may_open=False
        )

    async def _doubted(self, inbound: Inbound, lines: Sequence[str]) -> None:
        """A decision in what is not taken in leaves a row in the audit, and nothing else."""
        named = [judged.request for line in lines if (judged := decision(line, self._names))]
        if inbound.doubt and (named or any(implied(line, ANY) for line in lines)):
            by = f"{inbound.author.channel}:{inbound.author.id}"
            ids = {"request": next(iter(named), ""), "why": inbound.doubt}
            await self._store.trail.note(Note(command="decision not heard", by=by, ids=ids))

    async def _append(self, inbound: Inbound, person: str | None) -> Appended | None:
        judged = decision(_deciding(inbound), self._names)
        decided = await self._decided(inbound, judged)
        doubt = inbound.doubt or await self._elsewhere(inbound, judged, decided)
        inbound = replace(inbound, doubt=doubt)
        owner = None if inbound.doubt else await self._owner(inbound, decided)
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
            doubt=inbound.doubt,
            answers=inbound.answers,
        )
        if owner is not None:
            stored = await self._store.append_to(owner, event, dedupe=inbound.dedupe)
            return self._counted(stored, inbound)
        appended = await self._store.append(
            inbound.references, event, dedupe=inbound.dedupe, may_open=inbound.may_open
        )
        return self._counted(appended, inbound)

    def _counted(self, stored: Appended | None, inbound: Inbound) -> Appended | None:
        """Each message once, however often it comes."""
        if stored is not None and stored.fresh:
            self._meter.count("accepted", inbound.author.channel)
        return stored

    async def _decided(self, inbound: Inbound, judged: Judge | None) -> str | None:
        """The thread of the request that the message decides on, None if it does not."""
        if judged is not None:
            return judged.request.rpartition("-")[0]
        bare = _is_bare(inbound, _deciding(inbound))
        return await self._store.find(inbound.proof) if bare else None

    async def _elsewhere(
        self, inbound: Inbound, judged: Judge | None, decided: str | None
    ) -> Doubt:
        """Whether it is proven to answer something, and that asks for another request, or none."""
        if decided is None or not inbound.proof:
            return ""
        asked = f"{inbound.proof}:{judged.request}" if judged else inbound.proof
        return "" if await self._store.find(asked) == decided else "thread"

    async def _owner(self, inbound: Inbound, owner: str | None) -> str | None:
        """That thread, if it is another one than where the message was said."""
        if owner is None:
            return None
        for reference in inbound.references:
            here = await self._store.find(reference)
            if here is not None:
                return owner if owner != here and await self._store.exists(owner) else None
        return owner if await self._store.exists(owner) else None

    async def _turn_away(self, inbound: Inbound) -> Appended | None:
        """Strangers are told once whom to ask, or nothing at all."""
        self._meter.count("refused", inbound.author.channel, "stranger")
        await self._doubted(inbound, (_deciding(inbound),))
        if self._rules.unknown == "ignore" or inbound.author.bot:
            return None
        author: Author = inbound.author
        text = STRANGER.format(channel=author.channel, id=author.id)
        if inbound.doubt in {"author", "token"}:
            text = sentences.UNPROVEN.format(why=sentences.DOUBTS[inbound.doubt])
        return await self._notice(inbound, text, f"stranger:{author.channel}:{author.id}")


def _deciding(inbound: Inbound) -> str:
    """The words that may be a decision: all of them; of a mail, the first line."""
    return first_line(inbound.text) if inbound.author.channel == MAIL else inbound.text


def _is_bare(inbound: Inbound, words: str) -> bool:
    """Whether it decides without naming a request, which what it answers does."""
    return bool(inbound.proof) and implied(words, ANY) is not None
