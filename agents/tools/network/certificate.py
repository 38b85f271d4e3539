"""A server's certificate, as far as people ask about one. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

_SOON = timedelta(days=14)
_MOST_NAMES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """names: the hosts and addresses it is for. issuer, subject: who made it, and for whom.

    fault: why clients do not trust it here, "" if they do. protocol: as "TLSv1.3".
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime
    own: bool
    fault: str
    protocol: str


def is_for(names: tuple[str, ...], host: str) -> bool:
    """Whether one of the names is the host's; "*" stands for one label, the first."""
    if _is_address(host):
        return any(_is_address(name) and ip_address(name) == ip_address(host) for name in names)
    parent = host.partition(".")[2]
    known = {name.lower().removesuffix(".") for name in names}
    return host in known or (bool(parent) and f"*.{parent}" in known)


def validity(seen: Certificate, now: datetime) -> str:
    """How long it is valid, with the days: "until 2026-12-01 08:00 UTC (12 days left)"."""
    if now < seen.begins:
        return f"not valid before {seen.begins:%Y-%m-%d %H:%M} UTC"
    ends = f"{seen.ends:%Y-%m-%d %H:%M} UTC"
    left = seen.ends - now
    if left < timedelta():
        return f"EXPIRED on {ends} ({_days(-left)} ago)"
    soon = ", SOON" if left < _SOON else ""
    return f"valid until {ends} ({_days(left)} left{soon})"


def trust(seen: Certificate, host: str) -> str:
    """Whether clients take it for this host, and if not, why."""
    if not seen.fault:
        return "trusted"
    faults = [seen.fault]
    if not is_for(seen.names, host) and "mismatch" not in seen.fault.lower():
        faults.append(f"it is not for {host}")
    return f"NOT TRUSTED: {', '.join(faults)}"


def told(seen: Certificate, host: str, now: datetime) -> Iterator[str]:
    """All of it, line by line."""
    yield validity(seen, now)
    yield trust(seen, host)
    yield f"for {seen.subject or 'nobody in particular'}"
    more = len(seen.names) - _MOST_NAMES
    listed = ", ".join(seen.names[:_MOST_NAMES]) or "none"
    yield f"names: {listed}{f' and {more} more' if more > 0 else ''}"
    yield f"issued by {'itself' if seen.own else seen.issuer or 'nobody in particular'}"
    yield f"valid since {seen.begins:%Y-%m-%d %H:%M} UTC, {seen.protocol}"


def _days(span: timedelta) -> str:
    return "1 day" if span.days == 1 else f"{span.days:,} days"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
