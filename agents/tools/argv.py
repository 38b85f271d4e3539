"""A runbook's command line: words with `{param}` in them, filled one value a place, never split."""

import re
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter

from agents.tools.values import Params

_FLAG = re.compile(r"--[A-Za-z0-9][\w-]*=", re.ASCII)


def checked(argv: Sequence[str], params: Params, stdin: str | None) -> None:
    """Raise `ValueError` if the command line and the params do not fit each other."""
    if not argv or not argv[0].startswith("/"):
        raise ValueError("argv[0] must be the program's absolute path")
    if any("\0" in word for word in argv):
        raise ValueError("argv must not hold a NUL character")
    if any(True for _ in placeholders(argv[0])):
        raise ValueError("argv[0] is the program: it takes no {param}")
    used = {stdin} if stdin is not None else set()
    if stdin is not None and params.get(stdin) != "text":
        raise ValueError(f"stdin names {stdin!r}, which is not a param of the kind text")
    for place, word in enumerate(argv):
        for param in placeholders(word):
            if param not in params:
                raise ValueError(f"argv[{place}] names {param!r}, which is not a param")
            if params[param] == "text" and not _FLAG.match(word):
                raise ValueError(
                    f"argv[{place}]: free text must be inside a flag, like --{param}={{{param}}}"
                )
            used.add(param)
    if unused := [param for param in params if param not in used]:
        raise ValueError(f"param {unused[0]} is not used in argv")


def filled(argv: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """The words with the values in their places: as many words as before."""
    return tuple(_fill(word, values) for word in argv)


def _fill(word: str, values: Mapping[str, str]) -> str:
    parts = Formatter().parse(word)
    return "".join(text + (values[name] if name is not None else "") for text, name, _, _ in parts)


def placeholders(word: str) -> Iterator[str]:
    """The params that a text names. Raises `ValueError`; "{{" and "}}" are plain braces."""
    try:
        parts = list(Formatter().parse(word))
    except ValueError:
        raise ValueError(f"{word!r} has a lone brace: a plain one is written twice") from None
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if form or conversion:
            raise ValueError(f"{word!r}: a placeholder is only a param's name in braces")
        yield name
