"""Slack's blocks, in which no word of a text can ping, hide a link or pass for markup. Pure."""

from datetime import UTC, datetime

from pydantic import JsonValue

from channels.links import honest
from channels.port import Card

Block = dict[str, JsonValue]

LONGEST = 11_000
"""Characters of Markdown in a message: Slack takes 12,000, and each & counts for five."""

_SECTION = 2_900
_BUTTON = 75
_VALUE = 2_000
_LISTED = 20


def escape(text: str) -> str:
    """What Slack takes for markup, made to be read: & < > are all that can begin any."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quotes(text: str) -> str:
    """The same, with the marks of quoted lines left as they are: they ping nobody."""
    return "\n".join(_quote(line) for line in text.split("\n"))


def _quote(line: str) -> str:
    bare = line.lstrip("> ")
    marks = line[: len(line) - len(bare)]
    return (marks if ">" in marks else escape(marks)) + escape(bare)


def markdown(text: str) -> Block:
    """A text that nobody vouches for, with its Markdown shown."""
    return {"type": "markdown", "text": quotes(honest(text))}


def card(card: Card) -> list[Block]:
    """A request: what runs, who may, until when; and how to decide, while it is open."""
    told = [f"*{escape(card.title)}*  `{escape(card.request)}`", *map(_line, card.lines)]
    blocks: list[Block] = [_section("\n".join(told))]
    if card.outcome:
        return [*blocks, _context(escape(card.outcome))]
    if card.options:
        blocks.append(_section("\n".join(_option(n, o) for n, o in enumerate(card.options, 1))))
    if card.expires_at:
        blocks.append(_context(f"until {_local(card.expires_at)}"))
    blocks.append({"type": "actions", "block_id": card.request, "elements": [*_buttons(card)]})
    if card.beside and card.kind == "approval":
        blocks += _batch(card)
    return blocks


def _line(line: str) -> str:
    # Code shows an argument as it is: nothing in it is bold, or a link.
    return (
        "`" + escape(" ".join(line.replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}").split())) + "`"
        if line
        else ""
    )


def _option(number: int, option: str) -> str:
    return f"{number}. {escape(option)}"


def _local(at: datetime) -> str:
    """In the time zone of whoever reads it, which Slack knows."""
    shown = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{shown}>"


def _buttons(card: Card) -> list[Block]:
    request = card.request
    if card.kind == "approval":
        edit = f"{request} {card.args}"
        editable = [_button("Edit", "edit", edit)] if card.args and len(edit) <= _VALUE else []
        return [
            _button("Approve", "approve", request, "primary"),
            *editable,
            _button("Deny", "deny", request, "danger"),
        ]
    if not card.options:
        return [_button("Answer", "write", request)]
    return [
        _button(option, f"option:{number}", f"{request} {number}")
        for number, option in enumerate(card.options[:_LISTED], start=1)
    ]


def _batch(card: Card) -> list[Block]:
    """All that wait, named one by one before they can be approved at once.

    What is not shown whole is not approved with them.
    """
    told, ids = "Also waiting here:", [card.request]
    for one in card.beside[: _LISTED - 1]:
        longer = f"{told}\n`{escape(one.request)}` {_line(one.shown)}"
        if len(longer) <= _SECTION and len(" ".join((*ids, one.request))) <= _VALUE:
            told, ids = longer, [*ids, one.request]
    if len(ids) == 1:
        return []
    every = _button(f"Approve these {len(ids)}", "approve_all", " ".join(ids))
    return [
        _section(told),
        {"type": "actions", "block_id": f"{card.request}:all", "elements": [every]},
    ]


def _button(text: str, action: str, value: str, style: str = "") -> Block:
    button: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": text[:_BUTTON] or "?", "emoji": False},
        "action_id": action,
        "value": value[:_VALUE],
    }
    return button | {"style": style} if style else button


def _section(text: str) -> Block:
    return {
        "type": "section",
        "text": {"type": "mrkdwn", "text": text[:_SECTION], "verbatim": True},
    }


def _context(text: str) -> Block:
    element: Block = {"type": "mrkdwn", "text": text[:_SECTION], "verbatim": True}
    return {"type": "context", "elements": [element]}
