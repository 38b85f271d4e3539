"""Decisions and controls in words: always a whole message on one line, never part of ordinary chat.

An id is `<thread>-<number>`; a thread's id is 12 characters of base32, lower case in the store.
"""

import re
from collections.abc import Sequence
from typing import Literal

from agents.port import Control, Judge, Say
from agents.words import plain, shown, split, unaddressed, unquoted

LONGEST = 4_000
"""Longer messages are prose, whatever they begin with."""

PHRASES = {
    "approve": ("approve ID [ID...] [arg=value]", "let it run, with changed arguments if you like"),
    "deny": ("deny ID reason", "refuse a request"),
    "answer": ("answer ID text|number", "answer a question, or pick one of its options"),
    "cancel": ("cancel", "call off what runs or waits here (also: stop)"),
    "pause": ("pause", "start nothing new here until resume"),
    "resume": ("resume", "go on"),
    "handback": ("handback", "a person is through: the bot answers prose here again"),
}
"""What people can say besides calling tools: word -> how, and what it does."""

VERBS = ("approve", "deny", "answer")

CONTROLS: dict[str, Literal["cancel", "pause", "resume", "handback"]] = {
    "cancel": "cancel",
    "stop": "cancel",
    "pause": "pause",
    "resume": "resume",
    "handback": "handback",
}

_ID = re.compile(r"[a-z2-7]{12}-[1-9][0-9]{0,8}", re.IGNORECASE | re.ASCII)
_EDIT = re.compile(r"([A-Za-z][\w-]*)=(.+)", re.DOTALL | re.ASCII)


def decision(text: str, names: Sequence[str] = ()) -> Judge | None:
    """The decision that this message is, or None: whoever may not decide is for others to say.

    names: what the bot is called, where a message may address it first.
    """
    if len(text) > LONGEST:
        return None
    judged = judge(unaddressed(plain(text), names))
    return judged if isinstance(judged, Judge) else None


def implied(text: str, request: str) -> Judge | None:
    """The decision on that request which names none: `approve`, `deny REASON`, `answer TEXT`."""
    verb, _, rest = plain(text).strip().partition(" ")
    if len(text) > LONGEST or verb.lower() not in VERBS or _ID.match(rest.strip()):
        return None
    judged = judge(f"{verb} {request} {rest.strip()}".strip())
    return judged if isinstance(judged, Judge) else None


def first_line(text: str) -> str:
    """The first line that says anything."""
    return next((line for line in text.splitlines() if line.strip()), "")


def singly(text: str, names: Sequence[str] = ()) -> tuple[str, ...]:
    """The message as one message a request: `approve A B` is `approve A` and `approve B`."""
    judged = decision(text, names)
    if judged is None or not judged.others:
        return (text,)
    return tuple(f"{judged.verdict} {request}" for request in (judged.request, *judged.others))


def judge(line: str) -> Judge | Say | None:
    """A decision, or a hint for what was meant as one; None for anything else."""
    first, *later = line.splitlines() or [""]
    verb, _, rest = first.partition(" ")
    verb, rest = verb.lower(), rest.strip()
    if verb not in VERBS:
        return None
    if later:
        whole = isinstance(_read(verb, rest), Judge)
        return Say(text="A decision must be the whole message, on one line.") if whole else None
    read = _read(verb, rest)
    if isinstance(read, Judge):
        return read
    words = rest.split()
    meant = len(words) <= 2 or any(c.isdigit() for c in words[0])
    return Say(text=f"{read} Say `{PHRASES[verb][0]}`.") if meant else None


def control(line: str) -> Control | None:
    """A control, if the line is that one word."""
    action = CONTROLS.get(line.lower())
    return Control(action=action) if action else None


def _read(verb: str, rest: str) -> Judge | str:
    """The decision, or what is wrong with it."""
    request, _, text = rest.partition(" ")
    text = text.strip()
    if not request:
        return "Which request?"
    if not _ID.fullmatch(request):
        return f"{shown(request)} is not the id of a request."
    if verb == "approve":
        return _approval(request.lower(), text)
    if not text:
        return "A denial needs a reason." if verb == "deny" else "The answer is missing."
    verdict: Literal["deny", "answer"] = "deny" if verb == "deny" else "answer"
    return Judge(request=request.lower(), verdict=verdict, text=text)


def _approval(request: str, text: str) -> Judge | str:
    """One request with changed arguments, or any number of them as they are."""
    others: list[str] = []
    while (found := _ID.match(text)) and text[found.end() :][:1] in {"", " "}:
        others.append(found[0].lower())
        text = text[found.end() :].lstrip()
    edits = _edits(text)
    if isinstance(edits, str):
        return edits
    if others and edits:
        return "Changed arguments go with one request alone."
    more = dict.fromkeys(other for other in others if other != request)
    return Judge(request=request, verdict="approve", edits=edits, others=tuple(more))


def _edits(text: str) -> dict[str, str] | str:
    """The changed arguments of an approval, or what is wrong with them."""
    words, closed = split(text)
    if not closed:
        return "A quote is not closed."
    edits: dict[str, str] = {}
    for word in words:
        match = _EDIT.fullmatch(word.raw)
        if match is None or word.quoted:
            return f"{shown(word.raw)} is no part of an approval."
        name = match[1].lower().replace("-", "_")
        if name in edits:
            return f"{name} is given twice."
        edits[name] = unquoted(match[2])
        if not edits[name]:
            return f"{name} has no value."
    return edits
