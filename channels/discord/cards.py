"""A request as Discord shows it: texts and buttons in a box. Pure."""

from dataclasses import dataclass
from typing import Literal

from channels.discord import clicks
from channels.discord.markup import escaped, inline
from channels.port import Card

Style = Literal["primary", "danger", "plain"]

_LABEL = 80
_ROW = 5
_LISTED = 20
_LONGEST_LINE = 600
ARGS = "Arguments: "
"""What the line begins with from which a form takes the arguments that may be changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """Something to press."""

    label: str
    custom_id: str
    style: Style = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What stands in the box, and the rows of buttons under it. open: it waits for somebody."""

    texts: tuple[str, ...]
    rows: tuple[tuple[Button, ...], ...] = ()
    open: bool = True


def card(shown: Card) -> Layout:
    """What runs, who may, until when; and how to decide, while it is open."""
    head = f"**{escaped(shown.title)}**  {inline(shown.request)}"
    texts = ["\n".join([head, *(inline(_short(line)) for line in shown.lines if line.strip())])]
    if shown.outcome:
        return Layout(texts=(*texts, escaped(shown.outcome)), open=False)
    if shown.options:
        texts.append("\n".join(f"{n}. {escaped(o)}" for n, o in enumerate(shown.options, 1)))
    if _editable(shown):
        texts.append(f"{ARGS}{inline(shown.args)}")
    if shown.expires_at:
        at = int(shown.expires_at.timestamp())
        texts.append(f"-# until <t:{at}:f>, <t:{at}:R>")  # in the time zone of whoever reads it
    every = _together(shown)
    if every is not None:
        waiting = (f"{inline(one.request)} {inline(_short(one.shown))}" for one in shown.beside)
        texts.append("\n".join(("Also waiting here:", *waiting)))
    rows = [*_rows(_buttons(shown)), *([(every,)] if every else [])]
    return Layout(texts=tuple(texts), rows=tuple(rows))


def is_together(button: Button) -> bool:
    """Whether it approves more than the card's own request."""
    return button.custom_id.startswith(clicks.custom_id("all", ""))


def _editable(shown: Card) -> bool:
    """Whether a form can begin with the arguments: it reads them off the card, sign for sign."""
    whole = len(shown.args) <= _LONGEST_LINE and inline(shown.args) == f"`{shown.args}`"
    return bool(shown.args) and whole


def args_in(texts: tuple[str, ...]) -> str:
    """The arguments that a card shows, from its texts; "" if they can not be changed."""
    for text in texts:
        for line in text.split("\n"):
            if line.startswith(ARGS):
                return line.removeprefix(ARGS).strip("`").strip()
    return ""


def _buttons(shown: Card) -> tuple[Button, ...]:
    request = shown.request
    if shown.kind == "approval":
        return (
            _button("Approve", "approve", request, style="primary"),
            *([_button("Edit", "edit", request)] if _editable(shown) else []),
            _button("Deny", "deny", request, style="danger"),
        )
    if not shown.options:
        return (_button("Answer", "write", request, style="primary"),)
    return tuple(
        _button(option, "option", request, str(number))
        for number, option in enumerate(shown.options[:_LISTED], start=1)
    )


def _together(shown: Card) -> Button | None:
    """All that wait on the thread, approved at once: they are named one by one above it."""
    if shown.kind != "approval" or not shown.beside or shown.outcome:
        return None
    name = clicks.all_of(shown.request, tuple(one.request for one in shown.beside))
    return Button(label=f"Approve these {len(shown.beside) + 1}", custom_id=name) if name else None


def _button(
    label: str, verb: str, request: str, rest: str = "", *, style: Style = "plain"
) -> Button:
    return Button(
        label=label[:_LABEL] or "?", custom_id=clicks.custom_id(verb, request, rest), style=style
    )


def _rows(buttons: tuple[Button, ...]) -> list[tuple[Button, ...]]:
    return [buttons[at : at + _ROW] for at in range(0, len(buttons), _ROW)]


def _short(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
