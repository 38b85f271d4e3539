"""A request as it is configured, with `{param}` where a value goes: never in the host. Pure."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from pydantic import JsonValue

from agents.tools.argv import filled, placeholders
from agents.tools.network.target import Target, read_url
from agents.tools.values import Params

_AUTHORITY = re.compile(r"[^:/?#]*://[^/?#]*")
_DOTS = frozenset({".", ".."})


def checked(url: str, body: JsonValue, params: Params) -> Target:
    """The URL with "x" in all places. Raises `ValueError` if it, body and params do not fit."""
    found = _AUTHORITY.match(url)
    if found is None or "{" in found[0] or "}" in found[0]:
        raise ValueError("url must begin as https://example.com/, with no {param} in the host")
    if "#" in url:
        raise ValueError("url must not have a part after #")
    used = {*placeholders(url), *_in_body(body)}
    if odd := sorted(used - params.keys()):
        raise ValueError(f"{odd[0]!r} is named in braces, and is not a param")
    if unused := [name for name in params if name not in used]:
        raise ValueError(f"param {unused[0]} is used neither in url nor in body")
    try:
        return read_url(filled((url,), dict.fromkeys(params, "x"))[0])
    except ValueError as fault:
        raise ValueError(f"url: {fault}") from None


def with_values(url: str, values: Mapping[str, str]) -> Target:
    """The URL with each value as a part of one segment of its path, or of its query.

    Raises `ValueError` for a value that a server may take for a way up its folders.
    """
    for name, value in values.items():
        if _DOTS & {*re.split(r"[/\\]", value)}:
            raise ValueError(f'{name} must not be, nor hold between slashes, "." or ".."')
    target = read_url(
        filled((url,), {name: quote(one, safe="") for name, one in values.items()})[0]
    )
    if _DOTS & {*target.rest.partition("?")[0].split("/")}:
        raise ValueError('a part of the path comes to "." or ".."')
    return target


def body_with(
    body: JsonValue, values: Mapping[str, JsonValue], words: Mapping[str, str]
) -> JsonValue:
    """The body with the values in it: as `words` in texts, as they are where one stands alone."""
    match body:
        case str():
            names = [*placeholders(body)]
            if len(names) == 1 and body == f"{{{names[0]}}}":
                return values[names[0]]
            return filled((body,), words)[0]
        case list():
            return [body_with(one, values, words) for one in body]
        case dict():
            return {name: body_with(one, values, words) for name, one in body.items()}
        case _:
            return body


def _in_body(body: JsonValue) -> Iterator[str]:
    """The params that stand in it. Names of entries hold none."""
    match body:
        case str():
            yield from placeholders(body)
        case list():
            for one in body:
                yield from _in_body(one)
        case dict():
            for one in body.values():
                yield from _in_body(one)
        case _:
            return
