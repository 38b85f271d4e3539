"""One of a few words, chosen when the bot starts: for names that come from a catalogue."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

NO_ALIASES: Mapping[str, str] = MappingProxyType({})


class OneOf:
    """Metadata of a pydantic `str`: its value is one of `choices`, in their own case.

    `Annotated[str, OneOf(("api", "web"))]` reads "API" as "api"; its JSON schema is an enum.
    aliases: other words, and the choice that each of them stands for.
    """

    def __init__(self, choices: Sequence[str], aliases: Mapping[str, str] = NO_ALIASES) -> None:
        self.choices = tuple(choices)
        self._known = {alias.lower(): choice for alias, choice in aliases.items()}
        self._known |= {choice.lower(): choice for choice in reversed(self.choices)}

    def pick(self, word: str) -> str | None:
        """The choice that the word names, whatever its case; an exact match goes first."""
        return word if word in self.choices else self._known.get(word.lower())

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """A literal of the choices, behind what reads other words as one of them."""
        literal = core_schema.literal_schema(list(self.choices))
        return core_schema.no_info_before_validator_function(self._read, literal)

    def _read(self, value: object) -> object:
        return self.pick(value) or value if isinstance(value, str) else value
