"""The prompts: Markdown files with a head in TOML, rendered strictly.

A prompt is part of what a step is answered for: its name, version and hash are recorded, and its
text depends on nothing but the file and the values given. No clock, no chance, no other file.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

StepKind = Literal["route", "reply", "ask", "call", "done", "handover"]
Effort = Literal["low", "medium", "high"]

Value = str | Sequence[str]
"""What a prompt can be told: a line of words, or a list of lines."""

_FENCE: Final = "+++"


class PromptError(Exception):
    """A prompt can not be used: one line that names the file, and what to mend in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """Which model reads the prompt: what settings call it, and the model id if they say nothing."""

    key: str
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt as its file says it.

    effort: None leaves it to the model. max_tokens: of an answer. steps: the kinds of step that
    may be answered. cap: how many steps the agent may take in a turn. body: the template.
    variables: the names that `render` must be given, no more and no less. sha256: hex, of the
    file's bytes.
    """

    name: str
    version: int
    model: ModelChoice
    effort: Effort | None
    max_tokens: int
    steps: tuple[StepKind, ...]
    cap: int
    body: str
    variables: frozenset[str]
    sha256: str


def names() -> tuple[str, ...]:
    """The names of all packaged prompts, sorted."""
    found = (file.name for file in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in found if name.endswith(".md")))


@cache
def load(name: str) -> Prompt:
    """The packaged prompt of that name; its file is read once a process. Raises `PromptError`."""
    if name not in names():
        raise PromptError(f"there is no prompt {name!r}, there are: {', '.join(names())}")
    label = f"{name}.md"
    prompt = read_prompt(files(__package__).joinpath(label).read_bytes(), label)
    if prompt.name != name:
        raise PromptError(f"{label}: name: must be {name!r}, as the file is called")
    return prompt


def read_prompt(data: bytes, label: str) -> Prompt:
    """The prompt that a file's bytes hold. `label` names the file in a `PromptError`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise PromptError(f"{label}: is not UTF-8") from None
    head, body = _parted(text.replace("\r\n", "\n"), label)
    return Prompt(
        name=head.name,
        version=head.version,
        model=ModelChoice(key=head.model.key, default=head.model.default),
        effort=None if head.effort == "none" else head.effort,
        max_tokens=head.max_tokens,
        steps=tuple(head.steps),
        cap=head.cap,
        body=body,
        variables=_variables(body, label),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def render(prompt: Prompt, values: Mapping[str, Value]) -> str:
    """The prompt's text with the values in place, each on one line, with no line end at the end.

    Equal values give equal text. The text is read as instructions: give it only words of the
    house's own (settings, tools), never what somebody wrote. Raises `PromptError` for a variable
    that is missing, one that the template does not use, and whatever else does not fit.
    """
    where = f"{prompt.name}.md"
    if missing := sorted(prompt.variables - set(values)):
        raise PromptError(f"{where}: needs a value for {', '.join(missing)}")
    if unused := sorted(set(values) - prompt.variables):
        raise PromptError(f"{where}: does not use {', '.join(unused)}")
    plain = {name: _plain(value, f"{where}: {name}") for name, value in values.items()}
    try:
        return _environment().from_string(prompt.body).render(plain).strip()
    except TemplateError as error:
        raise PromptError(f"{where}: {error}") from None
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise PromptError(f"{where}: cannot be rendered ({error})") from None


# --- the head ------------------------------------------------------------------------------------

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
_Count = Annotated[int, Field(ge=1)]


def _each_once(steps: list[StepKind]) -> list[StepKind]:
    if len(set(steps)) < len(steps):
        raise ValueError("names a step twice")
    return steps


class _Model(BaseModel):
    model_config = _STRICT

    key: _Name
    default: Annotated[str, Field(min_length=1)]


class _Head(BaseModel):
    model_config = _STRICT

    name: _Name
    version: _Count
    model: _Model
    effort: Literal["low", "medium", "high", "none"]
    max_tokens: _Count
    steps: Annotated[list[StepKind], Field(min_length=1), AfterValidator(_each_once)]
    cap: _Count


def _parted(text: str, label: str) -> tuple[_Head, str]:
    lines = text.split("\n")
    if lines[0] != _FENCE or _FENCE not in lines[1:]:
        raise PromptError(f"{label}: must begin with its head between two lines {_FENCE}")
    end = lines.index(_FENCE, 1)
    body = "\n".join(lines[end + 1 :]).strip()
    if not body:
        raise PromptError(f"{label}: says nothing after its head")
    return _head("\n".join(lines[1:end]), label), body


def _head(text: str, label: str) -> _Head:
    try:
        return _Head.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PromptError(f"{label}: its head is not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        raise PromptError(f"{label}: {key}: there is no such key")
    if first["type"] == "missing":
        raise PromptError(f"{label}: {key}: is missing")
    raise PromptError(f"{label}: {key}: {first['msg'].removeprefix('Value error, ')}")


# --- the body ------------------------------------------------------------------------------------


def _environment() -> ImmutableSandboxedEnvironment:
    """Nothing but the language itself: no functions, no loader, one filter."""
    env = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    env.globals.clear()
    env.filters = {"join": env.filters["join"]}
    env.tests = {}
    return env


def _variables(body: str, label: str) -> frozenset[str]:
    """The names that the template wants from outside; it must compile, filters and all."""
    env = _environment()
    try:
        env.from_string(body)
        parsed = env.parse(body)
    except TemplateSyntaxError as error:
        raise PromptError(f"{label}: line {error.lineno} after its head: {error.message}") from None
    if [*find_referenced_templates(parsed)]:
        raise PromptError(f"{label}: must not include or import another file")
    return frozenset(find_undeclared_variables(parsed))


def _plain(value: Value, where: str) -> str | list[str]:
    """The value with every run of white space as one space; anything but plain words is refused.

    An object that prints itself could print something else the next time.
    """
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return [" ".join(each.split()) for each in value]
    raise PromptError(f"{where}: must be a text, or a list of texts")
