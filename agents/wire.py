"""What goes over the wire to Claude, as pure data.

A call becomes the arguments of the Messages API and, byte for byte, the body that is sent.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import JsonValue

from agents import prices
from agents.model import Block, ModelCall

Way = Literal["format", "strict", "plain"]
"""How the step is asked for: as the format of the answer, or as a tool's input, checked or not."""

NEXT: Mapping[Way, Way] = {"format": "strict", "strict": "plain"}
"""What to try where a model, or the size of the schema, does not allow a way.

The size of a grammar counts for a strict tool as well, so the last way checks nothing there.
"""

TOOL = "step"
BREAKPOINTS = 4
FEEDBACK = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The arguments of `messages.create`, in the order in which the body holds them."""

    params: dict[str, JsonValue]

    @property
    def body(self) -> bytes:
        """The very bytes that the server receives."""
        return dump(self.params).encode()

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the body."""
        return sha256(self.body)


def sha256(body: bytes) -> str:
    """The hash that a body is known by, in hex."""
    return hashlib.sha256(body).hexdigest()


def request(call: ModelCall, way: Way = "format") -> Request:
    """What is sent for a call. Equal calls give equal bytes; blank blocks are left out."""
    system = [block for block in call.system if block.text.strip()]
    words = [block for block in call.words if block.text.strip()]
    ends = _breakpoints(system, words)
    blocks = [_block(block, index in ends) for index, block in enumerate((*system, *words))]
    said = blocks[len(system) :]
    if call.feedback:
        said.append(_block(Block(text=call.feedback[:FEEDBACK]), end=False))
    params: dict[str, JsonValue] = {
        "max_tokens": call.max_tokens,
        "messages": [{"role": "user", "content": said}],
        "model": call.model,
    }
    config: dict[str, JsonValue] = {}
    if call.effort is not None:
        config["effort"] = call.effort
    if way == "format":
        config["format"] = {"type": "json_schema", "schema": dict(call.schema)}
    if config:
        params["output_config"] = config
    if system:
        params["system"] = blocks[: len(system)]
    if way != "format":
        params["tool_choice"] = {"type": "auto", "disable_parallel_tool_use": True}
        params["tools"] = [_tool(call, way)]
    return Request(params=params)


def worst_case(call: ModelCall) -> Decimal:
    """The most that one attempt at a call can cost, in US dollars, however it is asked."""
    ways: tuple[Way, ...] = ("format", "strict")
    longest = max((request(call, way).body for way in ways), key=len)
    return prices.ceiling(call.model, longest, call.max_tokens)


def dump(value: object) -> str:
    """Compact JSON, keys as they come, as the SDK writes it; no character is escaped needlessly."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _tool(call: ModelCall, way: Way) -> JsonValue:
    tool: dict[str, JsonValue] = {
        "name": TOOL,
        "description": "Your answer. Call it exactly once, always: its input is the next step.",
        "input_schema": dict(call.schema),
    }
    return {**tool, "strict": True} if way == "strict" else tool


def _block(block: Block, end: bool) -> JsonValue:
    # A lone half of a surrogate pair, as broken JSON brings it, can not be sent as UTF-8.
    text = block.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    said: dict[str, JsonValue] = {"type": "text", "text": text}
    return {**said, "cache_control": {"type": "ephemeral"}} if end else said


def _breakpoints(system: Sequence[Block], words: Sequence[Block]) -> frozenset[int]:
    """Where cached prefixes end: after the system, which threads share, and the latest words."""
    marked = [index for index, block in enumerate((*system, *words)) if block.cached]
    shared = [index for index in marked if index < len(system)][-1:]
    rest = [index for index in marked if index not in shared]
    return frozenset(shared + rest[-(BREAKPOINTS - len(shared)) :])
