"""`help`: what can be said to the bot."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.choice import OneOf
from agents.decisions import PHRASES
from agents.port import Caller, Result, Risk, Tool
from agents.tools.plain import plan_of
from agents.usage import arguments, detail, usage


def help_tool(others: Sequence[Tool]) -> Tool:
    """Lists the other tools, itself, and the words for decisions; `help NAME` tells one of them."""
    topics = (*(name for tool in others for name in (tool.name, *tool.aliases)), "help", *PHRASES)

    async def run(params: BaseModel, caller: Caller) -> Result:  # noqa: ARG001
        topic = arguments(params)["name"]
        return Result(text=_everything(known) if topic is None else _one(known, str(topic)))

    tool = Tool(
        name="help",
        summary="What you can say to me",
        params=_params(topics),
        risk=Risk.READ,
        idempotent=True,
        plan=plan_of("help"),
        run=run,
    )
    known = (*others, tool)
    return tool


def _params(topics: tuple[str, ...]) -> type[BaseModel]:
    class Help(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)

        name: Annotated[str, OneOf(topics)] | None = Field(
            default=None, description="a command to tell more about"
        )

    return Help


def _everything(tools: Sequence[Tool]) -> str:
    lines = ["You can say:"]
    lines += [f"- `{usage(tool)}` {tool.summary} ({tool.risk})" for tool in tools]
    lines += [f"- `{how}` {meaning}" for how, meaning in PHRASES.values()]
    return "\n".join(lines)


def _one(tools: Sequence[Tool], topic: str) -> str:
    if topic in PHRASES:
        how, meaning = PHRASES[topic]
        return f"`{how}`\n{meaning}"
    return next(detail(tool) for tool in tools if topic in (tool.name, *tool.aliases))
