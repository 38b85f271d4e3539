"""Whether a mail comes from the address that it says it comes from. Pure; fails closed.

Only our own mail server can tell, in the topmost `Authentication-Results` that carries its name
(RFC 8601): anybody can write further ones below, or others' names above. What counts is DMARC, or
a DKIM signature of the sender's own domain; SPF alone names whoever forwarded the mail.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from channels.email.parsing import Mail

_LONGEST = 16 * 1024
_MOST = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the author is who they say, and why: `reason` is for the audit."""

    authenticated: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one method found: `dkim=pass header.d=example.com`; names and values in lower case."""

    method: str
    result: str
    properties: tuple[tuple[str, str], ...] = ()

    def every(self, name: str) -> tuple[str, ...]:
        """The values of a property."""
        return tuple(value for key, value in self.properties if key == name)


def verdict(mail: Mail, authserv_id: str) -> Verdict:
    """Whether the mail's one author is authenticated by the server of that name."""
    if mail.sender is None:
        return Verdict(False, "From does not name exactly one address")
    if not authserv_id.strip():
        return Verdict(False, "no authserv_id is set, so nobody is trusted")
    for value in mail.authentication_results:
        name, results = results_of(value)
        if name == authserv_id.strip().casefold():
            return _judged(mail.sender.domain, results)
    return Verdict(False, f"no Authentication-Results of {authserv_id.strip()}")


def results_of(value: str) -> tuple[str, tuple[Result, ...]]:
    """Who says so, in lower case, and what; what can not be read is left out."""
    first, *rest = _clauses(value[:_LONGEST])
    # Some servers leave their name out: then the first clause is a result, and nobody says so.
    name = "" if not first or "=" in first[0] else first[0].casefold()
    return name, tuple(result for clause in rest[:_MOST] if (result := _result(clause)) is not None)


def servers(mail: Mail) -> tuple[str, ...]:
    """Who has added results, topmost first: what `authserv_id` could be."""
    names = (results_of(value)[0] for value in mail.authentication_results)
    return tuple(dict.fromkeys(name for name in names if name))


def _judged(domain: str, results: tuple[Result, ...]) -> Verdict:
    dmarc = {result.result for result in results if result.method == "dmarc"}
    if dmarc == {"pass"}:
        named = {
            value
            for result in results
            if result.method == "dmarc"
            for value in result.every("header.from")
        }
        if named <= {domain}:
            return Verdict(True, f"dmarc=pass for {domain}")
        return Verdict(False, f"dmarc=pass is for another domain than {domain}")
    if dmarc & {"fail", "permerror", "temperror"} or len(dmarc) > 1:
        return Verdict(False, f"dmarc={'/'.join(sorted(dmarc))} for {domain}")
    if any(_signs(result, domain) for result in results):
        return Verdict(True, f"dkim=pass of {domain}")
    return Verdict(False, f"neither DMARC nor a DKIM signature of {domain} passed")


def _signs(result: Result, domain: str) -> bool:
    """Whether it is a valid signature of the domain, or of one that the domain is below of."""
    if result.method != "dkim" or result.result != "pass":
        return False
    signers = {
        value.rpartition("@")[2].rstrip(".")
        for name in ("header.d", "header.i")
        for value in result.every(name)
    }
    return len(signers) > 0 and all(_covers(signer, domain) for signer in signers)


def _covers(signer: str, domain: str) -> bool:
    return domain == signer or ("." in signer and domain.endswith(f".{signer}"))


def _result(clause: list[str]) -> Result | None:
    method, equals, result = clause[0].partition("=") if clause else ("", "", "")
    if not equals or not method:
        return None
    pairs = (word.partition("=") for word in clause[1:])
    properties = tuple((name.lower(), value.casefold()) for name, equal, value in pairs if equal)
    return Result(method.partition("/")[0].strip().lower(), result.lower(), properties)


def _clauses(value: str) -> list[list[str]]:
    """The words of each part between semicolons, without comments; quotes taken off.

    Comments nest, so they are counted; an open one or an open quote hides all that follows.
    """
    clauses: list[list[str]] = [[]]
    word: list[str] = []
    for kind, char in _read(value):
        if kind != "end":
            word += char if kind == "text" else ""
            continue
        if word:
            clauses[-1].append("".join(word))
            word = []
        if char == ";":
            clauses.append([])
    if word:
        clauses[-1].append("".join(word))
    return [_glued(clause) for clause in clauses]


def _read(value: str) -> Iterator[tuple[str, str]]:
    """Characters that count, and where words and clauses end."""
    depth, quoted = 0, False
    characters = iter(value)
    for char in characters:
        if char == "\\" and (quoted or depth):
            escaped = next(characters, "")
            yield "text" if quoted else "none", escaped
        elif depth or (char == "(" and not quoted):
            depth += (char == "(") - (char == ")")
        elif char == '"':
            quoted = not quoted
        elif quoted or not (char == ";" or char.isspace()):
            yield "text", char
        else:
            yield "end", char


def _glued(words: list[str]) -> list[str]:
    """`dkim = pass` as `dkim=pass`."""
    out: list[str] = []
    for word in words:
        if out and (out[-1].endswith("=") or word.startswith("=")):
            out[-1] += word
        else:
            out.append(word)
    return out
