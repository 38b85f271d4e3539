"""JSON pointers (RFC 6901): one place in a JSON value. Pure."""

import re

from pydantic import JsonValue

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_LONE_TILDE = re.compile(r"~(?![01])")


def unfit(pointer: str) -> str:
    """Why it is no pointer, "" if it is one."""
    if pointer and not pointer.startswith("/"):
        return 'must be "" or begin with /'
    if _LONE_TILDE.search(pointer):
        return "must write ~ as ~0, and / in a name as ~1"
    return ""


def pointed(value: JsonValue, pointer: str) -> JsonValue:
    """What stands there. Raises `LookupError` that says which part of the way is missing."""
    found = value
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        match found:
            case dict() if name in found:
                found = found[name]
            case list() if _INDEX.fullmatch(name) and int(name) < len(found):
                found = found[int(name)]
            case _:
                raise LookupError(f"there is no {name!r} on the way {pointer}")
    return found
