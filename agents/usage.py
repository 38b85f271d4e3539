"""How a tool is called, in the words that people can send back."""

from collections.abc import Mapping

from pydantic import BaseModel, JsonValue

from agents.options import Option, options
from agents.port import Tool
from agents.words import quoted


def usage(tool: Tool) -> str:
    """How to call it, on one line: `restart service=api|web env=staging|prod [--force]`."""
    return " ".join([tool.name, *(_told(option) for option in options(tool.params))])


def detail(tool: Tool) -> str:
    """Everything about one tool, as Markdown lines."""
    lines = [f"`{usage(tool)}`", f"{tool.summary.rstrip('.')} ({tool.risk})."]
    for option in options(tool.params):
        told = [option.meaning] if option.meaning else []
        told += [f"one of {', '.join(option.choices)}"] if option.choices else []
        if told:
            lines.append(f"- {option.name}: {'; '.join(told)}")
    if tool.aliases:
        lines.append("Also: " + ", ".join(f"`{alias}`" for alias in tool.aliases))
    return "\n".join(lines)


def rendered(name: str, args: Mapping[str, JsonValue]) -> str:
    """The one way we write a call, which reads back to the same arguments."""
    told = (f"{key}={quoted(written(v))}" for key, v in args.items() if v is not None)
    return " ".join([name, *told])


def arguments(params: BaseModel) -> dict[str, JsonValue]:
    """The arguments by the names that people write, as JSON."""
    dumped: dict[str, JsonValue] = params.model_dump(mode="json", by_alias=True)
    return dumped


def written(value: JsonValue) -> str:
    """A value as people would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _told(option: Option) -> str:
    if option.kind == "flag":
        return f"[--{option.name}]"
    told = f"{option.name}={option.hint}"
    return told if option.required else f"[{told}]"
