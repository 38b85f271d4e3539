"""What people are answered in a turn of agents: what was done, by code, and an agent's words.

An agent's words can neither replace nor leave out what happened: that stands above them.
"""

import re

from agents.port import AskPerson, Risk
from bot import sentences
from bot.events import HandedOver
from bot.lifecycle import ENDED, Phase
from bot.rules import Rules
from bot.thread import Call, Handed, Request, Thread, Turn
from bot.work import Work

NOTHING_RUN = "Nothing was run for this."
NOTHING_CHANGED = "Nothing was changed for this."
_CLAIM = re.compile(
    r"\b(?:done|completed|finished|executed|deployed|fixed|rebooted|(?:re)?started|stopped)\b"
    r"|\b(?:approved|taken care)\b"
    r"|\b(?:erledigt|gemacht|ausgeführt|gestartet|neugestartet|gestoppt|genehmigt)\b"
    r"|\b(?:hecho|listo|reiniciad[oa]|fait|terminé|redémarré|fatto|feito|klart|gjort)\b"
    r"|完了|完成|しました|已",
    re.IGNORECASE,
)
"""Words that may claim that something was done, in some languages: a line too many is no harm."""

COMMANDS_WORK = "Commands still work."
HAND_BACK = "and keep quiet here until somebody says `handback`."


def done(thread: Thread, turn: Turn) -> str:
    """One line for each action of the turn that has ended, as it really ended; "" for none."""
    calls = (thread.calls.get(call) for call in turn.work.calls) if turn.work else ()
    return "\n".join(sentences.line(call) for call in calls if call is not None and _acted(call))


def _acted(call: Call) -> bool:
    """Whether it is more than a look at what the bot itself knows."""
    if call.phase not in ENDED or call.ungrounded:
        return False
    silent = call.phase is Phase.RETURNED and call.exit_code is None and call.risk is Risk.READ
    return call.acted or not silent


def said(thread: Thread, turn: Turn, text: str, rules: Rules) -> str:
    """An agent's answer, under what happened, and what people are still to decide."""
    waiting = map(_waiting, thread.requests.values())
    above = "\n".join(part for part in (*_happened(thread, turn, text, rules), *waiting) if part)
    return f"{above}\n\n{text}".strip()


def _happened(thread: Thread, turn: Turn, text: str, rules: Rules) -> tuple[str, ...]:
    """What was done, and that nothing was where the words could be taken for more."""
    happened = done(thread, turn)
    calls = (thread.calls.get(call) for call in turn.work.calls) if turn.work else ()
    changed = any(call and (call.acted or call.risk is Risk.WRITE) for call in calls)
    if changed or turn.source == "outcome" or not _speaks_of_actions(turn, text, rules):
        return (happened,)
    return (happened, NOTHING_CHANGED) if happened else (NOTHING_RUN,)


def _waiting(request: Request) -> str:
    who = " or ".join(request.deciders) or "nobody"
    what = " ".join(request.shown.partition(" → ")[0].split())
    shown = f" ({what})" if request.kind == "approval" else ""  # a question may hold any words
    return f"Still waiting for {who}: {request.id}{shown}"


def _speaks_of_actions(turn: Turn, text: str, rules: Rules) -> bool:
    """Whether the words could be taken for the report of an action that there was not."""
    steps = turn.work.steps if turn.work else {}
    if steps.get("executor"):
        return True
    if _CLAIM.search(text):
        return True
    words = set(re.findall(r"\w+", f"{turn.text} {text}".casefold()))
    looked = turn.work is not None and bool(turn.work.calls)
    nouns = _writes(rules) if looked else _writes(rules) | _services(rules)
    return any(word.startswith(noun) for noun in nouns for word in words)


def _writes(rules: Rules) -> frozenset[str]:
    """The first words of what changes something."""
    writes = (name for name, gate in rules.gates.items() if gate.risk is Risk.WRITE)
    return frozenset(name.partition("-")[0].casefold() for name in writes)


def _services(rules: Rules) -> frozenset[str]:
    """What it is done to."""
    names = (name for one in rules.services for name in (one.name, *one.aliases))
    return frozenset(name.casefold() for name in names)


def asked(thread: Thread, turn: Turn, step: AskPerson, rules: Rules) -> str:
    """An agent's question, with its options by number, under what happened."""
    options = [f"{number}. {option}" for number, option in enumerate(step.options, start=1)]
    happened = [part for part in _happened(thread, turn, step.question, rules) if part]
    above = [*happened, ""] if happened else []
    return "\n".join([*above, step.question, *options])


def which(thread: Thread, turn: Turn, call: Call) -> str:
    """Asks for what an agent filled in and nobody wrote."""
    invented = " and ".join(f"{name}={call.args.get(name)}" for name in call.ungrounded)
    return "\n".join(
        [
            *_above(thread, turn),
            f"{NOTHING_RUN} I understood `{call.shown}`, but nobody here wrote {invented}.",
            f"Please say {' and '.join(call.ungrounded)} in your own words, or send the command.",
        ]
    )


def unread(thread: Thread, turn: Turn, work: Work, rules: Rules) -> str:
    """Why no agent reads it, and what can be done instead; what was found is not lost."""
    match work.failed:
        case "over_budget":
            return "\n".join([*_above(thread, turn), work.why])
        case "refused":
            why = "The model declined to answer this. Say it differently, or use a command."
        case "deferred":
            why = f"The model has asked to be left alone for too long ({work.why})."
        case _:
            what = "go on after that" if turn.source == "outcome" else "read this"
            why = f"I could not {what}, the model failed: {work.why}."
    return "\n".join([*_found(thread, turn), f"{why} {COMMANDS_WORK}", rules.offers(turn.text)])


def called_off(thread: Thread, turn: Turn) -> str:
    """The turn was cancelled; what had ended before it is told."""
    if turn.work is None:
        return "Cancelled before I came to it."
    return "\n".join([*_found(thread, turn), "Cancelled."])


def handed_over(thread: Thread, turn: Turn, handed: HandedOver, rules: Rules) -> str:
    """Says that agents stop here, and why."""
    claims = _happened(thread, turn, handed.text, rules)[-1:]
    nothing = [*{NOTHING_RUN, NOTHING_CHANGED}.intersection(claims)]
    why = f"I stop here, a person has to go on: {handed.text}."
    asked = f" I have asked {' and '.join(handed.to)}, {HAND_BACK}" if handed.to else ""
    return "\n".join([*_found(thread, turn), *nothing, f"{why}{asked} {COMMANDS_WORK}"])


def summons(thread: Thread, handed: HandedOver) -> str:
    """What the persons are told who shall go on, wherever they are."""
    title = " ".join(thread.title.split())
    return (
        f"You are asked to go on with thread {thread.id} ({title}): {handed.text}.\n"
        f"{handed.summary}\n{_where(thread)}"
    )


def summons_unseen(thread: Thread, turn: Turn) -> str:
    """The same for those who have not been part of it: none of what was said there."""
    asked = f", for {turn.person}" if turn.person else ""
    on = turn.address.channel
    return f"You are asked to go on with thread {thread.id} on {on}{asked}.\n{_where(thread)}"


def _where(thread: Thread) -> str:
    return (
        f"`watchkeeper thread show {thread.id}` shows all of it,"
        f" `watchkeeper thread handback {thread.id}` lets me answer there again."
    )


def with_people(handed: Handed) -> str:
    """Why the bot does not answer."""
    return f"This is with {' and '.join(handed.to)}, {HAND_BACK} {COMMANDS_WORK}"


def summary(thread: Thread, turn: Turn) -> str:
    """How far it came, for whoever goes on."""
    step = turn.step
    noted = step.summary if step is not None and step.kind == "done" else ""
    steps = turn.work.steps if turn.work else {}
    told = ", ".join(f"{agent} {count}" for agent, count in sorted(steps.items()))
    return "\n".join(
        part for part in (f"steps: {told or 'none'}", done(thread, turn), noted) if part
    )


def _above(thread: Thread, turn: Turn) -> list[str]:
    happened = done(thread, turn)
    return [happened, ""] if happened else []


def _found(thread: Thread, turn: Turn) -> list[str]:
    """Everything that was found out or done so far, with its output."""
    calls = (thread.calls.get(call) for call in turn.work.calls) if turn.work else ()
    told = [sentences.outcome(call) for call in calls if call is not None and call.phase in ENDED]
    return [*told, ""] if told else []
