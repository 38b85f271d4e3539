"""Asks nameservers what they know of a name."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver
import dns.reversename

KINDS = ("CNAME", "A", "AAAA", "MX", "TXT", "NS")
WHOLE_TIME = 8.0
"""Seconds that all the questions may take together."""

_NO_NAME = "there is no such name"

Resolver = Callable[[], dns.asyncresolver.Resolver]
"""Makes what asks. Raises what dnspython does, if it knows no nameservers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record, in the text that zone files have for it."""

    kind: str
    value: str
    ttl: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of a name. unknown: kinds of records about which nobody answered, and why."""

    records: tuple[Record, ...]
    unknown: tuple[tuple[str, str], ...]


class NoSuchName(Exception):
    """The nameservers say that there is no such name."""


class NoNameservers(Exception):
    """There is nobody to ask: the text says why."""


def of_system() -> dns.asyncresolver.Resolver:
    """Asks the nameservers of this machine."""
    return dns.asyncresolver.Resolver()


async def records(name: str, resolver: Resolver) -> Found:
    """Everything of the usual kinds; of an address, its names. Raises `NoSuchName`."""
    try:
        asking = resolver()
    except (dns.exception.DNSException, OSError) as fault:
        raise NoNameservers("this machine names no nameservers") from fault
    asking.lifetime = WHOLE_TIME
    asked, kinds = _question(name)
    answers = await asyncio.gather(*(_of_kind(asking, asked, kind) for kind in kinds))
    if any(fault == _NO_NAME for _, fault in answers):
        raise NoSuchName
    found = dict.fromkeys(one for records, _ in answers for one in records)
    order = {kind: place for place, kind in enumerate(kinds)}
    unknown = ((kind, fault) for kind, (_, fault) in zip(kinds, answers, strict=True) if fault)
    return Found(
        records=tuple(sorted(found, key=lambda one: order.get(one.kind, len(order)))),
        unknown=tuple(unknown),
    )


def _question(name: str) -> tuple[str, tuple[str, ...]]:
    try:
        return str(dns.reversename.from_address(name)), ("PTR",)
    except dns.exception.SyntaxError:
        return f"{name}.", KINDS


async def _of_kind(
    asking: dns.asyncresolver.Resolver, name: str, kind: str
) -> tuple[tuple[Record, ...], str]:
    """The records of one kind, or why they are not known."""
    try:
        answer = await asking.resolve(name, kind, raise_on_no_answer=False, search=False)
    except dns.resolver.NXDOMAIN:
        return (), _NO_NAME
    except dns.exception.Timeout:
        return (), "no answer in time"
    except dns.resolver.NoNameservers:
        return (), "the nameservers fail"
    except (dns.exception.DNSException, OSError, ValueError):
        return (), "the answer can not be read"
    return tuple(_read(answer)), ""


def _read(answer: dns.resolver.Answer) -> Iterator[Record]:
    """The records, and the other names on the way to them."""
    rows = [*answer.chaining_result.cnames, *([answer.rrset] if answer.rrset else [])]
    for row in rows:
        kind = dns.rdatatype.to_text(row.rdtype)
        for one in row:
            yield Record(kind=kind, value=one.to_text(), ttl=row.ttl)
