"""Machines that a text names on the network: where something of ours could be sent to. Pure."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from bot.wording import Wording, folded

_AUTHORITY = re.compile(
    r"(?:\b(?:https?|wss?|ftps?):[/\\]*|\b(?!file:)[a-z][a-z0-9+.-]{0,20}:[/\\]{2,}"
    r"|(?<![\w:/\\])[/\\]{2,})"
    r"(?P<host>[^\s/\\?#\"'<>`,]+)"
)
_PORT = re.compile(r":\d*\Z")
_DOTTED = re.compile(r"(?<![\w-])[\w-]{1,63}+(?:\.[\w-]{1,63}+)+")
_TOP = re.compile(r"[^\W\d_]{2,63}|xn--[\w-]+")
_COLONED = re.compile(r"(?<![\w:.])[0-9a-f:.]{2,45}(?![\w:.])")
_WITH_PORT = re.compile(r"(?<![\w.-])(?P<host>[a-z][\w-]{0,62}):(?P<port>\d{1,5})(?![\w:.-])")
_PORTS = frozenset({21, 22, 23, 25, 53, 80, 110, 143, 389, 443, 465, 587, 636, 993, 995})

# Endings of files that are no top domains: "app.log" is not a machine.
_FILES = frozenset(
    [
        "bak",
        "bz",
        "cfg",
        "conf",
        "css",
        "csv",
        "env",
        "exe",
        "gif",
        "go",
        "gz",
        "htm",
        "html",
        "ini",
        "java",
        "jpeg",
        "jpg",
        "js",
        "json",
        "jsx",
        "kt",
        "lock",
        "log",
        "pdf",
        "php",
        "pid",
        "png",
        "rb",
        "service",
        "sock",
        "socket",
        "sql",
        "svg",
        "tar",
        "tgz",
        "tmp",
        "toml",
        "ts",
        "tsv",
        "tsx",
        "txt",
        "xml",
        "xz",
        "yaml",
        "yml",
    ]
)


def hosts(value: str) -> tuple[str, ...]:
    """Every host in the value: of addresses, with a port, by number, or a bare domain."""
    text = folded(value)
    found = (_of_addresses, _domains, _numbers, _with_ports)
    return tuple(dict.fromkeys(host for each in found for host in each(text) if host))


def names_host(words: Wording, host: str) -> bool:
    """Whether this very host is named there, not one above or below it."""
    before, after = r"(?<![\w.-])", r"(?![\w-]|\.[\w-])"
    if ":" in host:
        before, after = r"(?<![\w:.])", r"(?![\w:.])"
    return re.search(f"{before}{re.escape(host)}{after}", words.text) is not None


def _of_addresses(text: str) -> Iterator[str]:
    for match in _AUTHORITY.finditer(text):
        host = _PORT.sub("", match["host"].rpartition("@")[2])
        yield host.strip("[]()").rstrip(".;:!")


def _domains(text: str) -> Iterator[str]:
    for match in _DOTTED.finditer(text):
        top = match[0].rpartition(".")[2]
        if (_TOP.fullmatch(top) and top not in _FILES) or _is_number(match[0]):
            yield match[0]


def _numbers(text: str) -> Iterator[str]:
    for match in _COLONED.finditer(text):
        if match[0].count(":") > 1 and _is_number(match[0]):
            yield match[0]


def _with_ports(text: str) -> Iterator[str]:
    """A plain name, where what follows it can hardly be anything but a port."""
    for match in _WITH_PORT.finditer(text):
        port = int(match["port"])
        if port in _PORTS or port >= 1_024:
            yield match["host"]


def _is_number(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
