"""A request as lines of a mail: what runs, who may, until when, and how to answer. Pure."""

from datetime import UTC, datetime

from channels.port import Card

HOW = "To decide, reply with one of these as the first line, alone on its line:"
"""No link decides: only who may, with words of their own."""


def lines(card: Card) -> tuple[str, ...]:
    """Each on one line, so that nothing in it can pass for a line of its own."""
    head = flat(f"{card.title} ({card.request})")
    if card.outcome:
        return (head, *(flat(line) for line in card.lines), flat(card.outcome))
    options = (flat(f"{number}. {option}") for number, option in enumerate(card.options, start=1))
    until = (f"until {_time(card.expires_at)}",) if card.expires_at else ()
    beside = (flat(f"{one.request}: {one.shown}") for one in card.beside)
    also = ("Also waiting here:", *beside) if card.beside else ()
    return (head, *(flat(line) for line in card.lines), *options, *until, *also)


def answers(card: Card) -> tuple[str, ...]:
    """First lines that decide it; none once it is closed."""
    if card.outcome:
        return ()
    if card.kind == "approval":
        edited = (f"approve {card.request} {flat(card.args)}",) if card.args else ()
        return (f"approve {card.request}", *edited, f"deny {card.request} REASON")
    return (f"answer {card.request} {'NUMBER' if card.options else 'TEXT'}",)


def besides(text: str, card: Card | None) -> str:
    """What is said besides the lines of the card, which are shown anyway."""
    shown = {flat(line) for line in card.lines} if card else set()
    return "\n".join(
        line for line in text.split("\n") if not line.strip() or flat(line) not in shown
    )


def flat(words: str) -> str:
    """On one line, and without what can not be seen."""
    joined = "\N{RETURN SYMBOL}".join(words.strip("\r\n").splitlines())
    return "".join(char for char in joined if char.isprintable()).strip()


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
