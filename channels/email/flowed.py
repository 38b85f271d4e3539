"""Text whose lines a mail program has broken softly (format=flowed, RFC 3676), put together."""

from channels.email.mime import Part


def unwrapped(text: str, *, delsp: bool = False) -> str:
    """Paragraphs as one line each; quote marks and the signature's delimiter stay."""
    out: list[str] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:].removeprefix(" ")
        flows = body.endswith(" ") and body != "-- "
        kept = body[:-1] if flows and delsp else body
        if open_depth == depth and body != "-- ":
            out.append(kept)
        else:
            out.append("\n" + ">" * depth + (" " if depth and body else "") + kept)
        open_depth = depth if flows else None
    return "".join(out).removeprefix("\n")


def is_flowed(part: Part) -> bool:
    """Whether the part says so of itself."""
    return part.parameters.get("format", "").strip().lower() == "flowed"
