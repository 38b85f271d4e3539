"""`python -m channels.email.reply FILE`: what is new in a mail, as JSON. For measuring.

A `.eml` is a raw mail, a `.txt` a plain body, a `.html` an HTML body. With `--jsonl` paths are
read from standard input, one a line; a file that can not be read is an answer too.
"""

import json
import sys
from collections.abc import Sequence

from channels.email.machines import kind
from channels.email.parsing import parse
from channels.email.reply.extraction import Reply, extract
from channels.email.reply.mails import html, of


def answer(path: str) -> dict[str, object]:
    """What is found in the file, or why nothing is."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a path is what this is asked about
            raw = file.read()
    except OSError as error:
        return {"kind": "human", "reply": "", "quoted": "", "attachments": [], "error": str(error)}
    if path.endswith(".txt"):
        return _told("human", extract(raw.decode("utf-8", "replace")))
    if path.endswith((".html", ".htm")):
        return _told("human", html(raw.decode("utf-8", "replace")))
    mail = parse(raw)
    files = [{"name": one.name, "type": one.kind, "size": one.size} for one in mail.attachments]
    return _told(kind(mail), of(mail), files)


def main(arguments: Sequence[str]) -> int:
    """Prints one JSON object a file."""
    paths = (line.rstrip("\n") for line in sys.stdin) if "--jsonl" in arguments else arguments
    for path in paths:
        sys.stdout.write(json.dumps(answer(path), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 0 if arguments else 2


def _told(sort: str, reply: Reply, files: Sequence[dict[str, object]] = ()) -> dict[str, object]:
    return {
        "kind": sort,
        "reply": reply.text,
        "quoted": reply.quoted,
        "attachments": list(files),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
