"""Buttons, forms and commands, as messages for the bot. Pure.

A button's `custom_id` holds a request's id and nothing else that counts: who may, and whether it
still waits, is decided where the request is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from channels.discord import names
from channels.discord.inbound import author
from channels.discord.payloads import Pressed
from channels.port import Inbound

TEMPLATE = r"wk:(?P<verb>[a-z]+):(?P<request>[a-z0-9-]{0,40})(?::(?P<rest>[0-9a-z.,-]{0,50}))?"
"""What the `custom_id` of each of our buttons and forms looks like."""

_READ = re.compile(TEMPLATE)
LONGEST = 100
"""Characters of a `custom_id`."""

_VERBS = {"deny": "deny", "edit": "approve", "write": "answer"}
"""What a form that was filled in says."""
_FORMS = {
    "deny": ("Deny", "Why not? Whoever asked is told."),
    "edit": ("Approve", "Run it with (name=value …)"),
    "write": ("Answer", "Your answer"),
}
"""Buttons that ask for more first: the title of the form, and what its field is called."""
_WORDS: Mapping[str, Callable[[str, str], str]] = {
    "approve": lambda request, _: f"approve {request}",
    "all": lambda request, rest: f"approve {' '.join(_all(request, rest))}",
    "option": lambda request, rest: f"answer {request} {rest}",
    "stop": lambda _request, _rest: "stop",
}
"""Buttons that are a decision at once, and what they say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form that is shown to whoever pressed: one field, with a value to begin with."""

    custom_id: str
    title: str
    label: str
    value: str = ""


def custom_id(verb: str, request: str, rest: str = "") -> str:
    """The name of a button or a form."""
    return f"wk:{verb}:{request}:{rest}" if rest else f"wk:{verb}:{request}"


def pressed(name: str, by: Pressed, args: str = "") -> Inbound | Form | None:
    """What a pressed button means; None for one that is not ours.

    args: the arguments of the call that the card shows, where they may be changed.
    """
    found = _READ.fullmatch(name)
    if found is None:
        return None
    verb, request, rest = found["verb"], found["request"], found["rest"] or ""
    if verb in _FORMS:
        title, label = _FORMS[verb]
        return Form(
            custom_id=custom_id(verb, request),
            title=f"{title} {request}",
            label=label,
            value=args if verb == "edit" else "",
        )
    if verb not in _WORDS:
        return None
    return _decision(by, _WORDS[verb](request, rest))


def sent(name: str, typed: str, by: Pressed) -> Inbound | None:
    """What a form that was sent says; None for one that is not ours."""
    found = _READ.fullmatch(name)
    if found is None or found["verb"] not in _VERBS:
        return None
    told = (_VERBS[found["verb"]], found["request"], *typed.split())
    return _decision(by, " ".join(told))


def command(text: str, by: Pressed, root: str) -> Inbound:
    """A command that was given: `root` is the message that shows it to the others there."""
    place = by.place
    root = "" if place.parent or place.direct else root
    return Inbound(
        references=(names.conversation(place, root),),
        dedupe=f"{names.NAME}:command:{by.id}",
        author=author(by.by, by.name),
        address=names.address(place, by.by, root),
        text=text,
        audience=names.audience(place, by.by),
    )


def typed(name: str, options: Mapping[str, object]) -> str:
    """A command and its options as one would write them, which is how they are read."""
    words = [f"{key}={_quoted(value)}" for key, value in options.items()]
    return " ".join((name, *words))


def all_of(request: str, beside: tuple[str, ...]) -> str:
    """The name of the button that approves them together; "" where it would not hold them.

    Requests of one thread share its id, and only their numbers differ.
    """
    thread, _, _ = request.rpartition("-")
    numbers = [one.rpartition("-")[2] for one in beside if one.rpartition("-")[0] == thread]
    name = custom_id("all", request, ".".join(numbers))
    fits = len(numbers) == len(beside) and len(name) <= LONGEST and _READ.fullmatch(name)
    return name if fits else ""


def _all(request: str, rest: str) -> tuple[str, ...]:
    thread, _, _ = request.rpartition("-")
    return (request, *(f"{thread}-{number}" for number in rest.split(".") if number))


def _quoted(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = " ".join(str(value).split())
    if text and not re.search(r"[\s\"'`]", text):
        return text
    return '"' + re.sub(r"([\"'`\\])", r"\\\1", text) + '"'


def _decision(by: Pressed, text: str) -> Inbound:
    place = by.place
    root = "" if place.parent or place.direct else by.place.channel
    return Inbound(
        references=(names.conversation(place, root),),
        dedupe=f"{names.NAME}:click:{by.id}",
        author=author(by.by, by.name),
        address=names.address(place, by.by),
        text=text,
        audience=names.audience(place, by.by),
        may_open=False,
    )
