"""The command grammar: what people can call by name, generated from the tools' schemas.

Pure, needs no model, and never guesses: a near miss is answered with a suggestion, not performed.
A command is one line. What is neither a command nor close to one is prose: `Pass`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, JsonValue, ValidationError
from rapidfuzz import fuzz

from agents.arguments import Given, gather, named_word
from agents.decisions import CONTROLS, LONGEST, VERBS, control, decision, judge
from agents.options import Option, options, places
from agents.port import CallTool, Pass, Say, Step, Tool
from agents.usage import arguments, detail, usage, written
from agents.words import Word, is_name, plain, shown, split, unaddressed

__all__ = ["Grammar", "decision"]

_HELP = frozenset({"help", "--help", "-h", "?"})
_NEAR = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class _Command:
    tool: Tool
    known: tuple[Option, ...]

    def could_take(self, words: Sequence[Word]) -> bool:
        """Whether words after a misspelt name look like arguments rather than prose."""
        if not words or any(named_word(word) for word in words):
            return True
        takes = any(option.choice(word.text) for option in self.known for word in words)
        return takes and len(words) <= places(self.known)


class Grammar:
    """Reads what people send as exactly one step.

    names: what the bot is called, where a message may address it first. Raises `ValueError` if
    two tools share a name or alias, or one takes a word of the bot's own.
    """

    def __init__(self, tools: Sequence[Tool], names: Sequence[str] = ()) -> None:
        self._commands = _indexed(tools)
        self._names = tuple(names)
        self._longest = max((len(key.split()) for key in self._commands), default=0)

    def read(self, text: str) -> Step:
        """The step that the text asks for, whatever the text: never raises."""
        if len(text) > LONGEST:
            return Pass()
        line = unaddressed(plain(text), self._names)
        judged = judge(line)
        if judged is not None:
            return judged
        if len(line.splitlines()) != 1:
            return Pass()
        return control(line) or self._command(line)

    def edit(
        self, tool: str, args: Mapping[str, JsonValue], edits: Mapping[str, str]
    ) -> dict[str, JsonValue] | str:
        """A call's arguments with changes as people write them, or the first thing that is wrong.

        Nothing but arguments can be changed: the tool is what it was.
        """
        command = self._commands.get(tool.replace("-", " "))
        if command is None:
            return f"there is no tool {tool}"
        names = {option.name: option for option in command.known}
        odd = next((name for name in edits if name not in names), None)
        if odd is not None:
            return f"{tool} has no argument {shown(odd)}"
        told = {name: written(value) for name, value in args.items() if value is not None}
        told |= {name: names[name].choice(value) or value for name, value in edits.items()}
        checked = _checked(command.tool, told)
        return checked if isinstance(checked, str) else arguments(checked)

    def _command(self, line: str) -> Step:
        words, closed = split(line)
        if not words or words[0].quoted:
            return Pass()
        if asked := self._asked(words):
            return Say(text=detail(asked.tool))
        for count in range(min(self._longest, len(words)), 0, -1):
            command = self._commands.get(_key(words[:count]))
            if command is not None:
                return _call(command, gather(command.known, words[count:], line), closed=closed)
        return self._near(words)

    def _asked(self, words: Sequence[Word]) -> _Command | None:
        """The command that `help NAME` or `NAME help` asks about."""
        if len(words) > 1 and words[-1].raw.lower() in _HELP:
            return self._commands.get(_key(words[:-1]))
        if len(words) > 1 and words[0].raw.lower() == "help":
            return self._commands.get(_key(words[1:]))
        return None

    def _near(self, words: Sequence[Word]) -> Say | Pass:
        word = words[0].text.lower()
        if word in CONTROLS and len(words) == 2:
            return Say(text=f"If you mean {word}, send only `{word}`.")
        scored = sorted(self._misspelt(words), key=lambda each: -each[0])
        if not scored:
            return Pass()
        offers = " or ".join(f"`{name}`" for name in [*dict.fromkeys(n for _, n in scored)][:3])
        return Say(text=f"I do not know {shown(words[0].text)}. Did you mean {offers}?")

    def _misspelt(self, words: Sequence[Word]) -> Iterator[tuple[float, str]]:
        """What was likely meant, with how near it is: only where no prose would say it."""
        for key, command in self._commands.items():
            count = key.count(" ") + 1
            score = fuzz.ratio(_key(words[:count]), key, score_cutoff=_NEAR)
            if score and command.could_take(words[count:]):
                yield score, usage(command.tool)
        for word in (*VERBS, *CONTROLS):
            score = fuzz.ratio(words[0].text.lower(), word, score_cutoff=_NEAR)
            if score and (len(words) == 1 or (word in VERBS and "-" in words[1].raw)):
                yield score, word


def _call(command: _Command, given: Given, *, closed: bool) -> Step:
    """The call, or what to mend; prose that only begins like a command stays prose."""
    checked = given.fault or _checked(command.tool, given.values)
    if isinstance(checked, str) and given.prose:
        return Pass()
    if not closed:
        checked = "A quote is not closed."
    if isinstance(checked, str):
        return Say(text=f"{checked} Usage: `{usage(command.tool)}`")
    return CallTool(tool=command.tool.name, args=arguments(checked))


def _checked(tool: Tool, values: Mapping[str, str]) -> BaseModel | str:
    """The arguments as the schema has them, or the first thing it refuses, as a sentence."""
    try:
        return tool.params.model_validate_strings(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    told = first["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{place}: {told}." if place else f"{told}."


def _indexed(tools: Sequence[Tool]) -> dict[str, _Command]:
    """Every name and alias as it is looked up: lower case, words parted by spaces."""
    commands: dict[str, _Command] = {}
    for tool in tools:
        command = _Command(tool=tool, known=options(tool.params))
        for name in (tool.name, *tool.aliases):
            if not is_name(name):
                raise ValueError(
                    f"tool {tool.name}: {name!r} must be lower case words joined by '-'"
                )
            key = name.replace("-", " ")
            if key.split()[0] in VERBS or key in CONTROLS:
                raise ValueError(f"tool {tool.name}: {name!r} is a word of the bot's own")
            if key in commands:
                owner = commands[key].tool.name
                raise ValueError(f"tool {tool.name}: {name!r} is already a name of {owner}")
            commands[key] = command
    return commands


def _key(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words).lower().replace("-", " ").replace("_", " ")
