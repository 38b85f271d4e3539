"""Words as a terminal shows them: Markdown drawn, cards in colour, nothing untrusted obeyed."""

from collections.abc import Sequence
from io import StringIO

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

FENCES = ("```", "~~~")


def drawn(words: str, card: Sequence[str] = (), *, width: int = 80) -> str:
    """Markdown and the lines of a card as text with colours, ending in a newline.

    Both must be clean of control characters. Addresses of links are shown, never hidden.
    """
    shown = StringIO()
    console = Console(
        file=shown, force_terminal=True, width=width, markup=False, emoji=False, highlight=False
    )
    if words:
        markdown = Markdown(_with_breaks(words), code_theme="ansi_dark", hyperlinks=False)
        console.print(markdown)
    if card:
        console.print(Text("\n".join(card), style="yellow"))
    return shown.getvalue()


def dimmed(words: str, *, width: int = 80) -> str:
    """A remark of the console itself."""
    shown = StringIO()
    Console(file=shown, force_terminal=True, width=width).print(Text(words, style="dim"))
    return shown.getvalue()


def _with_breaks(words: str) -> str:
    """Every line stays a line: Markdown alone would run them together."""
    fence, lines = "", []
    for line in words.splitlines():
        mark = line.lstrip()[:3]
        if not fence and mark in FENCES:
            fence = mark
        elif fence and mark == fence:
            fence = ""
        lines.append(line if fence or mark in FENCES or not line.strip() else f"{line}  ")
    return "\n".join(lines)
