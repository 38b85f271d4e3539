"""A model that answers by a script, and a call to ask it with."""

from collections import deque
from decimal import Decimal

from pydantic import JsonValue

from agents import wire
from agents.model import Answered, Block, Failed, ModelCall, Outcome, Spent, Usage

SCHEMA: dict[str, JsonValue] = {
    "type": "object",
    "properties": {
        "step": {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"kind": {"const": "say"}, "text": {"type": "string"}},
                    "required": ["kind", "text"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"kind": {"const": "pass"}},
                    "required": ["kind"],
                    "additionalProperties": False,
                },
            ]
        }
    },
    "required": ["step"],
    "additionalProperties": False,
}
"""A small schema of a step."""

SPENT = Spent(model="claude-haiku-5-5", usage=Usage(input=100, output=20), usd=Decimal("0.000020"))


def call(
    words: str = "is the api up?",
    *,
    system: str = "You answer.",
    model: str = "claude-haiku-5-5",
    feedback: str = "",
) -> ModelCall:
    """A call of the classifier."""
    return ModelCall(
        id="t:1:1",
        agent="classifier",
        model=model,
        effort="low",
        max_tokens=512,
        system=(Block(text=system, cached=True),),
        words=(Block(text=words, cached=True),),
        schema=SCHEMA,
        feedback=feedback,
    )


def answered(value: JsonValue, asked: ModelCall, spent: Spent = SPENT) -> Answered:
    """A whole answer."""
    return Answered(step=value, spent=spent, request_sha256=wire.request(asked).sha256)


class FakeModel:
    """Gives each call the next outcome of its script, or a step that stands for one.

    Past the end of it every call fails for good. `calls` is what it was asked.
    """

    def __init__(self, *script: Outcome | dict[str, JsonValue]) -> None:
        self.script = deque(script)
        self.calls: list[ModelCall] = []

    async def ask(self, call: ModelCall) -> Outcome:
        """The next one."""
        self.calls.append(call)
        if not self.script:
            return Failed(reason="the script has ended", passing=False)
        found = self.script.popleft()
        return answered(found, call) if isinstance(found, dict) else found
