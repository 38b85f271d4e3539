"""Reminding people of what they are asked, and asking others when they do not answer. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import events as e
from bot import policy, sentences
from bot.approval import Approval
from bot.rules import Quiet, Rules
from bot.thread import Request, Thread
from channels.port import Address

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When people are reminded and when others are asked as well; None for never."""

    remind_at: datetime | None
    escalate_at: datetime | None


def schedule(approval: Approval, rules: Rules, now: datetime, *, enough: bool = True) -> Schedule:
    """For a request that is made now. Quiet hours hold a reminder, and never an escalation.

    enough: whether there are enough people to decide without others; if not, these are asked at
    once, as where the only person on duty is who asked.
    """
    expires = now + approval.expire
    remind = now + approval.remind if approval.remind is not None else None
    told = remind if remind is None or rules.quiet is None else held(remind, rules.quiet)
    middle = (remind or now) + (expires - (remind or now)) / 2 if enough else now
    return Schedule(
        remind_at=told if told is not None and told < expires else None,
        escalate_at=middle if approval.escalate else None,
    )


def held(at: datetime, quiet: Quiet) -> datetime:
    """The moment, or the end of the quiet hours that it lies in."""
    local = at.astimezone(quiet.zone)
    clock = local.time()
    over_midnight = quiet.start > quiet.end
    late = clock >= quiet.start
    if not (late or clock < quiet.end if over_midnight else late and clock < quiet.end):
        return at
    day = local.date() + A_DAY if over_midnight and late else local.date()
    return datetime.combine(day, quiet.end, quiet.zone).astimezone(at.tzinfo)


def nag(thread: Thread, request: Request, rules: Rules, now: datetime) -> tuple[e.Event, ...]:
    """What is due on the request: those who may decide are told, and what that is recorded as."""
    call = thread.calls[request.call]
    if request.nag == "escalate":
        may = policy.deciders(rules, call, now, request.escalate_to)
        more = rules.people.who(request.escalate_to, now)
        to = tuple(person for person in more if person in may)
        escalated = e.HumanEscalated(request_id=request.id, name=request.escalate_to, to=to)
        text = sentences.escalated(request, to, now)
        return (escalated, *_told(thread, request, to, text, rules))
    may = policy.deciders(rules, call, now, request.escalated)
    request = replace(request, deciders=may)
    to = tuple(person for person in may if person not in request.votes)
    reminded = e.HumanReminded(request_id=request.id, to=to)
    return (reminded, *_told(thread, request, to, sentences.reminded(request, to, now), rules))


def _told(
    thread: Thread, request: Request, to: tuple[str, ...], text: str, rules: Rules
) -> tuple[e.Event, ...]:
    """Where it was asked, and each person where they are."""
    call = thread.calls[request.call]
    places: set[Address] = {place for person in to for place in rules.people.places(person)}
    card = sentences.card(request)
    return tuple(
        e.ReplyQueued(address=place, text=text, answers=(), card=card)
        for place in (call.address, *sorted(places - {call.address}, key=str))
    )
