"""Who is named in From, To, Cc and Reply-To. Pure, one pass, never raises.

An address that decides about trust has to be read in one way only, so display names, comments and
quoted parts never end up in it.
"""

from dataclasses import dataclass

from channels.email.headers import words

MOST = 500
"""Addresses of one field that are kept."""

_LONGEST = 320
_NOT_LOCAL = frozenset("<>,;@")
_NOT_DOMAIN = frozenset('<>(),;:"\\@')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address as it is compared: exact, the domain in lower case. `name` is only ever shown."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands after the last @."""
        return self.address.rpartition("@")[2]


def addresses(value: str) -> tuple[Mailbox, ...]:
    """The addresses of a field in their order; what is none is left out."""
    return tuple(_Reader(value).found)


def only(values: tuple[str, ...]) -> Mailbox | None:
    """The one address that the fields name.

    None for none and for several, and where another reader may see another address.
    """
    if len(values) != 1:
        return None
    reader = _Reader(values[0])
    return reader.found[0] if len(reader.found) == 1 and not reader.doubtful else None


def mailbox(text: str) -> str | None:
    """The address as it is compared, None if it is none."""
    local, at, domain = text.rpartition("@")
    domain = domain.rstrip(".").casefold()
    if not (at and local and domain) or len(text) > _LONGEST:
        return None
    if not _NOT_LOCAL.isdisjoint(local) or not _NOT_DOMAIN.isdisjoint(domain):
        return None
    if any(char.isspace() or not char.isprintable() for char in text):
        return None
    return f"{local}@{domain}"


class _Reader:
    """Reads a field character by character."""

    def __init__(self, value: str) -> None:
        self.found: list[Mailbox] = []
        self.doubtful = False
        self._quoted = self._escaped = False
        self._depth = 0
        self._clear()
        for char in value:
            if len(self.found) >= MOST:
                break
            self._read(char)
        self._end()

    def _clear(self) -> None:
        self._plain: list[str] = []
        self._angle: list[str] = []
        self._comment: list[str] = []
        self._inside = self._closed = self._bare_at = False

    def _read(self, char: str) -> None:
        if self._escaped:
            self._escaped = False
            self._keep(char)
        elif char == "\\" and (self._quoted or self._depth):
            self._escaped = True
        elif self._quoted:
            self._quoted = char != '"'
            self._keep(char if self._quoted else "")
        elif self._depth:
            self._depth += (char == "(") - (char == ")")
            self._keep(char if self._depth else "")
        elif char == '"':
            self._quoted = True
        elif char == "(":
            self._depth = 1
        else:
            self._structure(char)

    def _structure(self, char: str) -> None:
        if char == "<":
            self.doubtful |= self._inside or self._closed
            self._angle.clear()
            self._inside = True
        elif char == ">":
            self._closed |= self._inside
            self._inside = False
        elif char in ",;" and not self._inside:
            self._end()
        elif char == ":" and not self._inside:
            self._plain.clear()  # the name of a group
        else:
            self._bare_at |= char == "@" and not self._inside
            self._keep(char)

    def _keep(self, char: str) -> None:
        if self._depth:
            self._comment.append(char)
        else:
            (self._angle if self._inside else self._plain).append(char)

    def _end(self) -> None:
        outside, comment = "".join(self._plain).strip(), "".join(self._comment).strip()
        angled = self._closed or self._inside
        address, name = ("".join(self._angle).strip(), outside) if angled else (outside, "")
        exact = mailbox(address)
        if exact is not None:
            self.doubtful |= angled and self._bare_at and mailbox(outside) != exact
            self.found.append(Mailbox(exact, words(name or comment).strip("\"' ")))
        else:
            self.doubtful |= bool(address) or angled
        self._clear()
