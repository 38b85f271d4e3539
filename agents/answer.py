"""What Claude answers, as pure data: the body of a good response becomes an `Outcome`.

Nothing is an answer unless it is a complete message whose end is the right one.
"""

import json
from collections.abc import Mapping
from typing import Literal, NoReturn

from pydantic import BaseModel, JsonValue, NonNegativeInt, ValidationError

from agents import prices, wire
from agents.model import Answered, BadOutput, Declined, Failed, ModelCall, Outcome, Spent, Usage

_END: Mapping[wire.Way, str] = {"format": "end_turn", "strict": "tool_use", "plain": "tool_use"}


class _Usage(BaseModel):
    input_tokens: NonNegativeInt
    output_tokens: NonNegativeInt
    cache_creation_input_tokens: NonNegativeInt | None = None
    cache_read_input_tokens: NonNegativeInt | None = None


class _Details(BaseModel):
    category: str | None = None


class _Message(BaseModel):
    type: Literal["message"]
    model: str
    content: list[dict[str, JsonValue]]
    stop_reason: str | None
    stop_details: _Details | None = None
    usage: _Usage


class _Unfit(Exception):
    """The answer is not one step; the text may be said to the model."""


def read(body: bytes, call: ModelCall, way: wire.Way, request_sha256: str) -> Outcome:
    """What the body of a good response says."""
    try:
        message = _Message.model_validate_json(body)
    except ValidationError:
        reason = "what came back is not an answer of the model"
        return Failed(reason=reason, passing=True, charged=True)
    spent = _spent(message, call)
    if message.stop_reason == "refusal":
        category = message.stop_details.category if message.stop_details else None
        reason = f"the model declined ({category})" if category else "the model declined"
        return Declined(reason=reason, spent=spent, request_sha256=request_sha256)
    try:
        step = _step(message, way, call.max_tokens)
    except _Unfit as unfit:
        return BadOutput(reason=str(unfit), spent=spent, request_sha256=request_sha256)
    return Answered(step=step, spent=spent, request_sha256=request_sha256)


def _spent(message: _Message, call: ModelCall) -> Spent:
    usage = Usage(
        input=message.usage.input_tokens,
        output=message.usage.output_tokens,
        cache_read=message.usage.cache_read_input_tokens or 0,
        cache_write=message.usage.cache_creation_input_tokens or 0,
    )
    usd = prices.cost(usage, message.model, call.model)
    return Spent(model=message.model, usage=usage, usd=usd)


def _step(message: _Message, way: wire.Way, max_tokens: int) -> JsonValue:
    if message.stop_reason == "max_tokens":
        raise _Unfit(f"the answer was cut off at {max_tokens} tokens: answer more briefly")
    if message.stop_reason != _END[way]:
        raise _Unfit("the answer did not come to its end")
    answer = _object_in_text(message) if way == "format" else _object_in_tool(message)
    if not isinstance(answer, dict) or answer.keys() != {"step"}:
        raise _Unfit('the answer has to be an object with the one key "step"')
    try:
        wire.dump(answer).encode()
    except ValueError:  # half a character, a number without end
        raise _Unfit("the answer holds characters or numbers that do not exist") from None
    return answer["step"]


def _object_in_text(message: _Message) -> JsonValue:
    texts = [block.get("text") for block in message.content if block.get("type") == "text"]
    if len(texts) != 1 or not isinstance(texts[0], str):
        raise _Unfit("the answer has to be one text, and that one JSON object")
    try:
        answer: JsonValue = json.loads(
            texts[0], object_pairs_hook=_only_once, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        raise _Unfit("the answer has to be one JSON object and nothing else") from None
    return answer


def _object_in_tool(message: _Message) -> JsonValue:
    uses = [block for block in message.content if block.get("type") == "tool_use"]
    if len(uses) != 1 or uses[0].get("name") != wire.TOOL:
        raise _Unfit(f'the answer has to be one call of the tool "{wire.TOOL}"')
    return uses[0].get("input")


def _only_once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
