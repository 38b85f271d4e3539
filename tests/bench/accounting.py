"""What a provider counts and keeps of requests: a model of its prompt cache, without a provider.

A breakpoint's prefix is kept for five minutes after its last use. A later request of the same
model and format reads the longest kept prefix that ends at one of its breakpoints or up to 20
blocks before it; what follows, up to its last breakpoint, is written. The format of the answer
counts as the first block. Left out: that very short prefixes are not kept.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from agents.wire import dump

LOOK_BACK = 20
KEPT_FOR = timedelta(minutes=5)
WRITE, READ = 1.25, 0.1
"""What a token costs that is written or read, compared with one that is just read once."""


def tokens(chars: int) -> int:
    """Tokens of so many characters: one for 3.5 of them, begun ones whole."""
    return -(-chars * 2 // 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One request's input in characters: read from the cache, written to it, neither."""

    read: int = 0
    written: int = 0
    plain: int = 0

    @property
    def tokens(self) -> int:
        """Input tokens in all."""
        return tokens(self.read + self.written + self.plain)

    @property
    def cost(self) -> float:
        """As if each of its tokens cost one."""
        weighed = READ * self.read + WRITE * self.written + self.plain
        return tokens(round(weighed))


@dataclass
class Cache:
    """What the provider holds: when each prefix was last used."""

    kept: dict[str, datetime] = field(default_factory=dict)

    def send(self, params: dict[str, JsonValue], at: datetime) -> Counted:
        """Count a request, and keep what it says shall be kept."""
        texts, ends = _blocks(params)
        prefixes = _prefixes(str(params["model"]), texts)
        hit = self._hit(prefixes, ends, at)
        for index in [*ends, *([hit] if hit is not None else [])]:
            self.kept[prefixes[index]] = at
        lengths = [len(text) for text in texts]
        last = ends[-1] if ends else -1
        begun = -1 if hit is None else hit
        return Counted(
            read=sum(lengths[: begun + 1]),
            written=sum(lengths[begun + 1 : last + 1]),
            plain=sum(lengths[last + 1 :]),
        )

    def _hit(self, prefixes: Sequence[str], ends: Sequence[int], at: datetime) -> int | None:
        """The last block of the longest kept prefix that a breakpoint can see."""
        seen = {index for end in ends for index in range(max(end - LOOK_BACK, 0), end + 1)}
        hits = (index for index in seen if self._is_kept(prefixes[index], at))
        return max(hits, default=None)

    def _is_kept(self, prefix: str, at: datetime) -> bool:
        used = self.kept.get(prefix)
        return used is not None and at - used <= KEPT_FOR


def _blocks(params: dict[str, JsonValue]) -> tuple[list[str], list[int]]:
    """The texts of all blocks in order, and which of them end a prefix."""
    blocks = [*_list(params.get("system"))]
    for message in _list(params["messages"]):
        assert isinstance(message, dict)
        blocks += _list(message["content"])
    texts, ends = [dump(params["output_config"])], []
    for index, block in enumerate(blocks, start=1):
        assert isinstance(block, dict)
        texts.append(str(block["text"]))
        if "cache_control" in block:
            ends.append(index)
    return texts, ends


def _prefixes(head: str, texts: Sequence[str]) -> list[str]:
    """A name for all up to each block: equal names, equal bytes."""
    digest = hashlib.sha256(head.encode())
    names = []
    for text in texts:
        digest.update(hashlib.sha256(text.encode()).digest())
        names.append(digest.copy().hexdigest())
    return names


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
