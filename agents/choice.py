"""One of a few words, chosen when the bot starts: for names that come from a catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True, slots=True)
class OneOf:
    """Metadata of a pydantic `str`: its value is one of `choices`, in their own case.

    `Annotated[str, OneOf(("api", "web"))]` reads "API" as "api"; its JSON schema is an enum.
    """

    choices: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self,
        source: object,
        handler: GetCoreSchemaHandler,
    ) -> CoreSchema:
        """A literal of the choices, behind a fold of the case."""
        literal = core_schema.literal_schema(list(self.choices))
        return core_schema.no_info_before_validator_function(self._folded, literal)

    def _folded(self, value: object) -> object:
        return pick(self.choices, value) or value if isinstance(value, str) else value


def pick(choices: Sequence[str], word: str) -> str | None:
    """The choice that the word names, whatever its case; an exact match goes first."""
    if word in choices:
        return word
    lower = word.lower()
    return next((each for each in choices if each.lower() == lower), None)
