"""Bytes as text, whatever they are said to be. Pure; never raises."""

import codecs
import re

from charset_normalizer import from_bytes

_SEEN = 8 * 1024
"""How much of the bytes is looked at to find out what they are: finding out is slow."""

_BETTER = {
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "johab": "cp949",
}
"""Supersets that mail programs mean when they say the smaller one."""

_ALSO = {
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac_roman",
    "ks_c_5601-1987": "cp949",
    "windows-31j": "cp932",
    "cp-850": "cp850",
}

_NO_TEXT = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"}
)
_WIDE = re.compile(r"utf-?(?:16|32)|iso2022|hz|gb|big5|cp9|euc|shift")


def decode(data: bytes, declared: str, *, guess: bool = True) -> str:
    """The text of the bytes.

    A declared charset of one byte a character fits everything, so valid UTF-8 beats it.
    guess: find out what they are where nothing says it; slow. Else they are Western European.
    """
    name = codec(declared)
    wide = name is not None and _WIDE.match(name) is not None
    if not wide and data.isascii():
        return data.decode("ascii")
    for each in (name, "utf-8") if wide else ("utf-8", name):
        text = None if each is None else _strictly(data, each)
        if text is not None:
            return text
    if name is not None and name != "utf-8":
        return data.decode(name, "replace")
    return _found_out(data) if guess else data.decode("cp1252", "replace")


def codec(declared: str) -> str | None:
    """Python's name for a charset as mails name them; None for one that does not exist."""
    label = declared.strip(" \t\"'").lower()
    label = _ALSO.get(label, label)
    if not label or len(label) > 60 or not label.isascii() or not label.isprintable():
        return None
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    if found.name in _NO_TEXT or not getattr(found, "_is_text_encoding", True):
        return None
    return _BETTER.get(found.name, found.name)


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError):
        return None


def _found_out(data: bytes) -> str:
    best = from_bytes(data[:_SEEN]).best()
    return data.decode(best.encoding if best is not None else "cp1252", "replace")
