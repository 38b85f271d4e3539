"""Whether a name, a flag or a text stands in what somebody wrote, as words of its own. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from agents.words import plain, split, unquoted

_ALIKE = str.maketrans("\u2018\u2019\u02bc\u2010\u2011\u2212", "'''---")
_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

# A word goes on over these signs: "prod-like" and "prod.example.com" are not "prod".
_BEFORE = r"(?<![^\W_])(?<![^\W_][-_.])(?<![^\W_][-_.][-_.])"
_AFTER = r"(?![^\W_]|[-_.]{1,2}[^\W_]|[+#])"
# Where words are written without spaces, particles follow a Latin name at once. What denies it
# there stands right before or after it as well.
_JOINED = r"(?![\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff66-\uff9f])[^\W_]"
_BEFORE_LATIN = _BEFORE.replace(r"(?<![^\W_])", rf"(?<!{_JOINED})(?<![非不未無无反])", 1)
_AFTER_LATIN = (
    rf"(?!{_JOINED}|[-_.]{{1,2}}[^\W_]|[+#]|(?:では?|じゃ)(?:な|あり)|以外|[이가] ?아니| ?말고)"
)
# Addresses, mail addresses and paths: a name in them names something else.
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}://\S+"
    r"|(?<![\w.+-])[\w.+-]{1,64}+@[\w-]++(?:\.[\w-]++)+"
    r"|(?<![\w.~/-])(?:~|\.{1,2})?/[^\s/]\S*"
    r"|(?<![\w.-])[\w-]{1,63}+(?:\.[\w-]{1,63}+)+(?::\d+)?/\S*"
    r"|(?<![\w./-])[\w.-]++(?:/[\w.-]++){2,}"
)
_OF_ADDRESSES = frozenset("/@:.")

_NEGATED = re.compile(
    r"(?<![\w'])(?:not|no|never|without|except|than|instead of|(?:any|every)thing but|\w{1,12}n't"
    r"|nicht|nie|niemals|nein|kein(?:e[nmrs]?)?|ohne|ausser|statt|anstatt"
    r"|pas|non|jamais|sans|sauf|au lieu de|nunca|sin|salvo|excepto|en vez de)"
    r"[ \t\"'`*_~(\u201c\u201d\u201e\u00ab\u00bb]{1,16}\Z"
)
_LOOK_BACK = 48
_SET_TO_NO = re.compile(r"[\"'`*_]{0,3}\s{0,3}[=:]\s{0,3}[\"'`]?(?:no|false|off|0|nein|non)(?!\w)")

# Around words in prose they mean nothing. A full stop before a word, or after a "/", may.
_QUOTES = "\"'`\u201c\u201d\u201e\u201a\u00ab\u00bb()\u2026"
_MARKUP = "*_~#?<>[]{}"
_STOP = r"\.{3,}|(?<![/\\.*~])\.|[,;:!]"
_END = {
    edge: re.compile(rf"(?:[{re.escape(edge)}]|{_STOP})+\Z")
    for edge in (_QUOTES, _QUOTES + _MARKUP)
}
_LONGEST_END = 16
_OPENED = re.compile(r"(?<=[=:(\[])(?=[\"'`\u201c\u201e\u00ab])")
_DASHES = frozenset({"-", "\u2013", "\u2014"})


@dataclass(frozen=True, slots=True)
class Wording:
    """A text to look in. raw: as it was written. text: folded. here: without addresses in it."""

    raw: str
    text: str
    here: str


def wording(raw: str) -> Wording:
    """The text, made ready to be looked in."""
    text = folded(raw)
    return Wording(raw, text, _ADDRESS.sub(lambda found: "\n" * len(found[0]), text))


def folded(text: str) -> str:
    """The text as it is compared: case, invisible signs and kinds of apostrophe aside."""
    told = plain(text)
    for escaped, sign in _ESCAPED:
        told = told.replace(escaped, sign)
    told = unicodedata.normalize("NFC", told.translate(_ALIKE)).casefold()
    return unicodedata.normalize("NFC", told)


# --- names ---------------------------------------------------------------------------------------


def places_of(words: Wording, name: str) -> Iterator[tuple[int, int]]:
    """Where the name stands as a word of its own.

    A name of several words may be written with spaces, "-" or "_" between them.
    """
    pattern = _pattern(name, "[ \t_-]{1,3}")
    text = words.text if _OF_ADDRESSES & {*name} else words.here
    for found in pattern.finditer(text) if pattern else ():
        yield found.span()


def negated(words: Wording, at: int) -> bool:
    """Whether what stands there is denied by the word right before it: "not prod"."""
    return _NEGATED.search(words.text[max(0, at - _LOOK_BACK) : at]) is not None


def flag(words: Wording, name: str) -> tuple[bool, bool]:
    """Whether the flag's name stands there as words of its own, and whether it is denied.

    "--force" and "force=yes" say it; "no force", "--no-force" and "force=no" deny it.
    """
    said = denied = False
    once, never = _pattern(name, "[ \t_-]?"), _pattern(f"no {name}", "[ \t_-]?")
    for found in once.finditer(words.here) if once else ():
        no = negated(words, found.start()) or _SET_TO_NO.match(words.here, found.end()) is not None
        said, denied = said or not no, denied or no
    return said, denied or (never is not None and never.search(words.here) is not None)


@lru_cache(maxsize=1_024)
def _pattern(name: str, gap: str) -> re.Pattern[str] | None:
    """Finds the name between the ends of words; None for a name without any."""
    words = [word for word in re.split(r"[\s_-]+", folded(name)) if word]
    if not words:
        return None
    before = _BEFORE_LATIN if words[0][0].isascii() else _BEFORE
    after = _AFTER_LATIN if words[-1][-1].isascii() else _AFTER
    return re.compile(f"{before}{gap.join(map(re.escape, words))}{after}")


# --- texts ---------------------------------------------------------------------------------------


def holds(words: Wording, value: str, name: str) -> bool:
    """Whether the words of `value` stand there, in their order and with nothing between them.

    Quotes, white space and the punctuation of sentences are set aside; what means something to a
    program ("*", "/", "-") is not. `name=` or `name:` may stand right before them.
    """
    wanted = _chunks(folded(value), _QUOTES)
    if not wanted:
        return False
    label = re.compile(rf"(?<!\S)((?:--)?{re.escape(folded(name))}[=:])(?=\S)")
    spaced = _OPENED.sub(" ", words.text)
    return any(
        f" {' '.join(wanted)} " in f" {' '.join(_chunks(told, edge))} "
        for told in dict.fromkeys((words.text, spaced, label.sub(r"\1 ", spaced)))
        for edge in _END
    )


def given(words: Wording, name: str) -> Iterator[str]:
    """Every value that is given to the argument there as a command would: `name=value`."""
    label = re.compile(rf"(?:--)?{re.escape(name)}=", re.IGNORECASE)
    for line in plain(words.raw).splitlines():
        if label.search(line):
            found = ((word.raw, label.match(word.raw)) for word in split(line)[0])
            yield from (unquoted(raw[match.end() :]) for raw, match in found if match)


def _chunks(text: str, edge: str) -> list[str]:
    """What stands between spaces, without the signs at its edges; dashes alone are left out."""
    chunks = (_bare(chunk, edge) for chunk in text.split())
    return [chunk for chunk in chunks if chunk and chunk not in _DASHES]


def _bare(chunk: str, edge: str) -> str:
    told = chunk.lstrip(edge)
    return told[:-_LONGEST_END] + _END[edge].sub("", told[-_LONGEST_END:])
