"""Lines of a log that somebody pasted, told by how they begin. Pure."""

import re
from collections.abc import Sequence

_LEVEL = r"(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|PANIC|EMERG)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{2}:\d{2}:\d{2}"
_STAMP = r"\d{4}[-/.]\d{2}[-/.]\d{2}[T ,_]{1,3}\d{2}:\d{2}"
# "level=error" is how loggers write, and how people give an argument of that name: what decides is
# whether it goes on as a logger would.
_LEVEL_IS = (
    r"(?i:(?:level|lvl|severity)=\"?(?:trace|debug|info|notice|warn|err|fatal|crit|panic)\w*)"
)
_LOGGED = r"(?:ts|time|timestamp|msg|message|err|error|caller|component|logger|module)="
_KEY = r"(?:level|lvl|severity|ts|time|timestamp|@timestamp|msg|message|log)"

_BEGINNINGS = (
    rf"[\[(<\"]?{_STAMP}",
    rf"[\[(<]?\d{{1,2}}[-/ ](?:\d{{2}}|{_MONTH})[-/ ]\d{{2,4}}[T :,]{{1,3}}{_CLOCK}",
    rf"[\[(<]?{_CLOCK}(?:[.,]\d{{1,9}})?[\])>]?[\s|]",
    rf"(?:<\d{{1,3}}>)?(?:\w{{3}},? )?{_MONTH} {{1,2}}\d{{1,2}}(?: \d{{4}})? {_CLOCK}",
    rf"[\[(<|](?i:{_LEVEL})[\])>|]",
    rf"{_LEVEL}(?:[\[:|]|\s+\S)",
    rf"{_LEVEL_IS}\"?[ \t]+(?:[^\n=]+$|[^\n]{{0,400}}?\b{_LOGGED})",
    r"(?:ts|time|timestamp)=\S{4,40}\s{1,4}\w{1,40}=",
    rf"\{{[^\n]{{0,300}}?\"{_KEY}\" ?:",
    r"[IWEF]\d{4} \d{2}:\d{2}:\d{2}\.\d",
    r"\d{1,3}(?:\.\d{1,3}){3} \S{1,64} \S{1,64} \[",
    r"\d{10}\.\d{3,9}\s",
    r"[\w.-]{1,64}[-_]\d{1,4}\s{1,20}\| ",
    r"Traceback \(most recent call last\)|Exception in thread|Caused by:|panic: |goroutine \d+ \[",
    r"at [\w.$<>/]{1,200}\(",
    # Markup, as of a page, or as models are told a thread: nobody says anything in tags.
    r"(?:<|&lt;)/?[a-z][\w-]{0,40}(?:\s(?:(?!&gt;)[^<>]){0,400})?/?(?:>|&gt;)",
)
_SHORTEST_LOG = 12
_LOG = re.compile(r"[ \t]{0,20}(?:" + "|".join(_BEGINNINGS) + ")")
_INLINE = re.compile(
    rf"{_STAMP}\S{{0,20}}\s{{1,4}}[\[(<|]?{_LEVEL}\b|\b{_LEVEL_IS}\"?[ \t]{{1,4}}{_LOGGED}"
)
# What belongs to the entry above it.
_GOES_ON = re.compile(r"[ \t]+\S|\.\.\. \d+ more|(?:\w{1,80}\.){0,12}\w{0,80}(?:Error|Exception)\b")


def log_lines(lines: Sequence[str], at: int) -> int:
    """How many lines from `at` on are of a log; 0 if none begins here.

    What stands between two entries without an empty line is of the log too, and so is a trace
    under the last one.
    """
    if not _LOG.match(lines[at]):
        return 0
    last = end = at
    while end < len(lines) and lines[end].strip():
        last = end if _LOG.match(lines[end]) or (_goes_on(lines, end) and last == end - 1) else last
        end += 1
    return last - at + 1


def inline_log(line: str) -> int:
    """Where a log begins within the line, 0 if none does."""
    found = _INLINE.search(line) if len(line) > _SHORTEST_LOG else None
    return found.start() if found and not _LOG.match(line) else 0


def _goes_on(lines: Sequence[str], at: int) -> bool:
    return _GOES_ON.match(lines[at]) is not None
