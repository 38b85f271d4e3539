"""Words as a terminal shows them: output framed, requests in colour, nothing untrusted obeyed."""

import re
from collections.abc import Iterator, Sequence
from io import StringIO

from rich.console import Console
from rich.text import Text

FENCED = re.compile(r"^```\w*\n(.*?)^```$\n?", re.MULTILINE | re.DOTALL)
CODE = r"`[^`\n]+`"
STRONG = r"\*\*[^*\n]+\*\*|^#{1,6} .+$"
BULLET = "- "


def drawn(words: str) -> str:
    """Words of the bot as text with colours, ending in a newline.

    Of Markdown fences and bullets are drawn as such; headings, strong words and code only get a
    colour. Within a line every character stays: words may hold somebody's arguments, and none of
    those may vanish. They must be clean of control characters.
    """
    return _painted(*_parts(words))


def asked(words: str, card: Sequence[str]) -> str:
    """A request: its words and the lines of its card, all of them exactly as they are."""
    return _painted(*([Text(words)] if words else []), Text("\n".join(card), style="yellow"))


def dimmed(words: str) -> str:
    """A remark of the console itself."""
    return _painted(Text(words, style="dim"))


def _parts(words: str) -> Iterator[Text]:
    for place, part in enumerate(FENCED.split(words)):
        for line in part.splitlines():
            yield _code(line) if place % 2 else _line(line)


def _code(line: str) -> Text:
    """What a program wrote: framed, so that it can not pass for words of the bot."""
    return Text.assemble(("│ ", "dim"), (line, "cyan"))


def _line(line: str) -> Text:
    text = Text(f"• {line.removeprefix(BULLET)}" if line.startswith(BULLET) else line)
    text.highlight_regex(STRONG, "bold")
    text.highlight_regex(CODE, "bold cyan")
    return text


def _painted(*parts: Text) -> str:
    """Lines are as long as they are: the terminal wraps them, and loses no space where it does."""
    shown = StringIO()
    console = Console(
        file=shown, force_terminal=True, markup=False, emoji=False, highlight=False, soft_wrap=True
    )
    for part in parts:
        console.print(part)
    return shown.getvalue()
