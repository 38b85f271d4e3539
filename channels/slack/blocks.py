"""Slack's blocks, in which no word of a text can ping, hide a link or pass for markup. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from pydantic import JsonValue

from channels.links import honest
from channels.port import Card

Block = dict[str, JsonValue]

LONGEST = 11_000
"""Characters of Markdown in a message, before what grows has grown: each & counts for five."""
WHOLE = 12_000
"""What Slack takes of it."""

_SECTION = 2_900
_SECTIONS = 3
"""Sections that the lines of a card may be: beyond that nobody reads what they press for."""
_TITLE = 300
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


def fits(card: Card) -> bool:
    """Whether all of its lines can be shown on it."""
    return len(_told(card)) <= _SECTIONS


def card(card: Card, whole: str = "") -> list[Block]:
    """A request: what runs, who may, until when; and how to decide, while it is open.

    whole: the file that all of it is in, if it does not fit. Nobody approves with one press what
    they have not been shown.
    """
    blocks = _told(card)[:_SECTIONS]
    if whole:
        blocks.append(_context(f"Too long to be shown here: all of it is in {escape(whole)}"))
    if card.outcome:
        return [*blocks, _context(escaped(card.outcome, _SECTION))]
    if card.options:
        options = (f"{number}. {option}" for number, option in enumerate(card.options, 1))
        blocks += _sections(piece for one in options for piece in _pieces(one, _ROOM))[:_LISTED]
    if card.expires_at:
        blocks.append(_context(f"until {_local(card.expires_at)}"))
    buttons = _buttons(card)
    if whole and card.kind == "approval":
        buttons = buttons[-1:]
        blocks.append(_context(f"Read it, then say `approve {escape(card.request)}`"))
    blocks.append({"type": "actions", "block_id": card.request, "elements": [*buttons]})
    if card.beside and card.kind == "approval" and not whole:
        blocks += _batch(card)
    return blocks


def _told(card: Card) -> list[Block]:
    head = f"*{escaped(card.title, _TITLE)}*  `{escape(card.request)}`"
    return _sections([head, *(piece for line in card.lines for piece in _code(line))])


def _sections(lines: Iterable[str]) -> list[Block]:
    """Lines that are escaped, in as many sections as they need."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + len(line) < _SECTION:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [_section(text) for text in texts]


_ROOM = _SECTION - 100


def _code(line: str) -> list[str]:
    """A line as code, which shows an argument as it is: nothing in it is bold, or a link.

    In pieces that fit. Its spaces are kept, for what is shown is what runs.
    """
    flat = "\N{RETURN SYMBOL}".join(line.strip().splitlines())
    bare = flat.replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}")
    return [f"`{piece}`" for piece in _pieces(bare, _ROOM) if piece]


def _line(line: str) -> str:
    return "".join(_code(line))


def escaped(text: str, most: int) -> str:
    """As much of a text as fits once it is escaped; it never ends within a sign."""
    return next(_pieces(text, most))


def _pieces(text: str, most: int) -> Iterator[str]:
    """All of a text escaped, in pieces that fit: at least one, however empty."""
    piece = ""
    for sign in map(escape, text):
        if len(piece) + len(sign) > most:
            yield piece
            piece = ""
        piece += sign
    yield piece


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
        "text": {"type": "mrkdwn", "text": text, "verbatim": True},
    }


def _context(text: str) -> Block:
    element: Block = {"type": "mrkdwn", "text": text, "verbatim": True}
    return {"type": "context", "elements": [element]}
