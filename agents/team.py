"""The four agents, as one table: who may call what, and who is told of what.

Each is a prompt, its steps and its tools; there is nothing else that tells them apart.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, get_args

from agents.head import Head
from agents.mind import Kit, Mind, head_of
from agents.port import Tool
from agents.steps import AgentName, offered
from prompts.library import Prompt, load

NAMES: Final[tuple[AgentName, ...]] = get_args(AgentName)
FIRST: Final[AgentName] = "classifier"
"""Who reads prose first."""
LAST: Final[AgentName] = "responder"
"""Who writes the answer."""

KNOWS_ALL: Final = frozenset({"classifier", "responder"})
"""They call nothing, and are told of everything that people may ask for; the others are told of
what they may call."""


def prompts() -> Mapping[str, Prompt]:
    """The packaged prompt of each agent. Raises `PromptError`."""
    return MappingProxyType({name: load(name) for name in NAMES})


def caps(texts: Mapping[str, Prompt]) -> Mapping[str, int]:
    """How many steps each agent may take for one message."""
    return MappingProxyType({name: prompt.cap for name, prompt in texts.items()})


def head(name: AgentName, prompt: Prompt, kit: Kit, tools: Sequence[Tool]) -> Head:
    """What the agent sends with every request."""
    callable_ = offered(name, tools)
    return head_of(
        prompt,
        bot=kit.bot,
        tools=callable_,
        told=tools if name in KNOWS_ALL else callable_,
        services=kit.services,
        models=kit.models,
    )


def team(texts: Mapping[str, Prompt], kit: Kit, tools: Sequence[Tool]) -> Mapping[str, Mind]:
    """All four, each with its prompt. Raises `PromptError`, and `ValueError` for unfit tools."""
    return {
        name: Mind(texts[name], head(name, texts[name], kit, tools), offered(name, tools), kit)
        for name in NAMES
    }
