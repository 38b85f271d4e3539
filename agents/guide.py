"""The agent for prose when there is no model to read it: says so, and what can be said instead."""

from collections.abc import Sequence

from rapidfuzz import fuzz

from agents.agent import Decided, Reading
from agents.options import options
from agents.port import Say, Tool
from agents.usage import usage

NO_MODEL = "No model is configured, so I only understand commands."

_NEAR = 75
_MOST = 5


class Guide:
    """Answers every reading with a way to go on.

    tools: what can be called, in the order to offer. reason: why nobody reads prose now.
    """

    def __init__(self, tools: Sequence[Tool], reason: str = NO_MODEL) -> None:
        self._tools = tuple(tools)
        self._reason = reason

    async def step(self, reading: Reading) -> Decided:
        """The reason, and the commands that come nearest to what was said."""
        offered = offers(self._tools, reading.text)
        return Decided(step=Say(text=f"{self._reason} {offered}".strip()))


def offers(tools: Sequence[Tool], text: str) -> str:
    """What can be said instead, as Markdown lines; "" where there is no tool."""
    if not tools:
        return ""
    lines = "\n".join(f"- `{usage(tool)}` {tool.summary}" for tool in likeliest(tools, text))
    return f"You can say:\n{lines}"


def likeliest(tools: Sequence[Tool], text: str) -> tuple[Tool, ...]:
    """A few of the tools, those first whose names and arguments the text speaks of."""
    words = text[:400].lower().split()
    return tuple(sorted(tools, key=lambda tool: -_nearness(tool, words))[:_MOST])


def _nearness(tool: Tool, words: Sequence[str]) -> float:
    """How much of the tool's own vocabulary is in the words; its names count most."""
    names = [part for name in (tool.name, *tool.aliases) for part in name.split("-")]
    choices = [each.lower() for option in options(tool.params) for each in option.choices]
    named = sum(max((_score(word, name) for word in words), default=0.0) for name in names)
    return 2 * named + sum(choice in words for choice in choices) * 100.0


def _score(word: str, name: str) -> float:
    return fuzz.ratio(word.strip(".,:;!?"), name, score_cutoff=_NEAR)
