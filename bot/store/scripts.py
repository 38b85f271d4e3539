"""The Lua scripts, as the server knows them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Name = Literal[
    "append",
    "claim",
    "open",
    "commit",
    "renew",
    "retry_later",
    "free",
    "revive",
    "rebuild",
    "look",
    "backlog",
    "note",
    "point",
    "info",
    "reserve",
    "settle",
    "raise_cap",
    "tally",
    "pace",
]


@dataclass(frozen=True, slots=True)
class Script:
    """`sha` is the hex SHA-1 of `source`: the name under which a server caches it."""

    source: str
    sha: str


def load() -> Mapping[Name, Script]:
    """Every script, with what they have in common before each."""
    folder = Path(__file__).parent / "scripts"
    common = (folder / "common.lua").read_text(encoding="utf-8")
    return {
        name: _script(common + (folder / f"{name}.lua").read_text(encoding="utf-8"))
        for name in get_args(Name)
    }


def _script(source: str) -> Script:
    return Script(source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())
