"""What a request to a model holds besides the thread: the same for every thread, kept by its hash.

With it, the thread and the feedback a request can be written again, byte for byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue, TypeAdapter

from agents.model import Block, Effort, ModelCall
from agents.wire import dump


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """See `ModelCall` for each of them; `system` is the rendered prompt."""

    agent: str
    model: str
    effort: Effort | None
    max_tokens: int
    system: str
    schema: Mapping[str, JsonValue]

    def call(self, id_: str, words: tuple[Block, ...], feedback: str = "") -> ModelCall:
        """The call that asks for a step with these words."""
        return ModelCall(
            id=id_,
            agent=self.agent,
            model=self.model,
            effort=self.effort,
            max_tokens=self.max_tokens,
            system=(Block(text=self.system, cached=True),),
            words=words,
            schema=self.schema,
            feedback=feedback,
        )


_HEAD = TypeAdapter(Head)


def write(head: Head) -> bytes:
    """The head as it is kept: equal heads are equal bytes, keys in the order of the schema."""
    told = {name: getattr(head, name) for name in Head.__slots__}
    return dump({**told, "schema": dict(head.schema)}).encode()


def read(data: bytes) -> Head:
    """The head that was kept. Raises `ValueError` for anything else."""
    return _HEAD.validate_json(data)
