"""Links that say where they lead, whatever a text that is not trusted says. Pure."""

from channels.splitting import lines


def honest(text: str) -> str:
    """Markdown in which no words stand for an address: `[good](https://evil)` shows both.

    Code stays as it is where every dialect takes it for code. Bare addresses stay links, as they
    are read before they are followed.
    """
    return "\n".join(one.text if one.sure else _open(one.text) for one in lines(text))


def _open(line: str) -> str:
    # With a space between, neither is a link in any dialect of Markdown.
    return line.replace("](", "] (").replace("]:", "] :")
