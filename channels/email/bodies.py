"""The two bodies of a mail of ours: plain text, and HTML that shows the same. Pure.

The text is Markdown that nobody vouches for: no HTML of it is taken, nothing is loaded from
anywhere, and no words stand for an address.
"""

from html import escape

from markdown_it import MarkdownIt

from channels.email import cards
from channels.email.reply.separators import OURS
from channels.links import honest
from channels.port import Card, Outbound

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")

_STYLE = (
    "<style>pre{background:#f4f4f4;padding:8px;overflow-x:auto}code{font-family:monospace}"
    "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:4px 8px;text-align:left}"
    "</style>"
)
_CARD = "border:1px solid #ccc;border-radius:4px;padding:8px;margin:12px 0"


def plain(message: Outbound, quote: str = "") -> str:
    """The text part; `quote` is what is answered."""
    text = cards.besides(message.text, message.card).strip()
    below = _plain_card(message.card) if message.card else ""
    quoted = "\n".join(f"> {line}".rstrip() for line in quote.splitlines())
    above = OURS if _asks(message.card) else ""
    return "\n\n".join(part for part in (above, text, below, quoted) if part) + "\n"


def rich(message: Outbound, quote: str = "") -> str:
    """The HTML part, a whole document."""
    text = cards.besides(message.text, message.card).strip()
    parts = (
        f"<p>{escape(OURS)}</p>" if _asks(message.card) else "",
        str(_MARKDOWN.render(honest(text))) if text else "",
        _rich_card(message.card) if message.card else "",
        f'<blockquote type="cite">{_lines(quote)}</blockquote>' if quote else "",
    )
    body = "\n".join(part for part in parts if part)
    head = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8">{_STYLE}</head>'
    return f"{head}\n<body>{body}</body></html>\n"


def _asks(card: Card | None) -> bool:
    """Whether it holds examples of what decides, which must never be read as said."""
    return card is not None and not card.outcome


def _plain_card(card: Card) -> str:
    head, *rest = cards.lines(card)
    told = "\n".join((head, *(f"  {line}" for line in rest)))
    how = cards.answers(card)
    return "\n".join((told, "", cards.HOW, *(f"  {line}" for line in how))) if how else told


def _rich_card(card: Card) -> str:
    head, *rest = cards.lines(card)
    told = f"<strong>{escape(head)}</strong><br>" + "<br>".join(
        f"<code>{escape(line)}</code>" for line in rest
    )
    how = "<br>".join(f"<code>{escape(line)}</code>" for line in cards.answers(card))
    asked = f"<p>{escape(cards.HOW)}<br>{how}</p>" if how else ""
    return f'<div style="{_CARD}">{told}{asked}</div>'


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())
