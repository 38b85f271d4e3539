"""Logs: one line an event, with thread ids, without what people said, never with a secret."""

import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Literal, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

LOG_NAME = "watchkeeper.log"
LOG_BYTES = 5_000_000
LOG_FILES = 3
REDACTED = "[secret]"

WORDS_OF_PEOPLE = frozenset({"text", "output", "args", "reason", "words", "line", "prompt"})
"""Fields that may hold what people or tools said: only their length is logged."""

_GIVEN = re.compile(r"input_value=.*(?=, input_type=)")
"""What did not fit, as pydantic quotes it in the text of its errors."""

Style = Literal["auto", "json", "human"]


def log_to_stream(
    stream: TextIO, secrets: Sequence[str], *, style: Style = "auto", texts: bool = False
) -> None:
    """Log to `stream`: for people on a terminal, as JSON lines otherwise, or as `style` says.

    texts: with what people and tools said.
    """
    handler = logging.StreamHandler(stream)
    human = style == "human" or (style == "auto" and stream.isatty())
    _install(handler, _human(stream) if human else _json(), secrets, texts=texts)


def log_to_file(folder: Path, secrets: Sequence[str], *, texts: bool = False) -> None:
    """Log to `watchkeeper.log` in `folder` as JSON lines; several processes may share it.

    texts: with what people and tools said. A folder that can not be written means no log: whatever
    needs it will say so itself.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = _SharedLog(
            folder / LOG_NAME,
            maxBytes=LOG_BYTES,
            backupCount=LOG_FILES,
            encoding="utf-8",
            delay=True,  # a folder that turns out not to be ours gets no file
        )
    except OSError:
        handler = logging.NullHandler()
    _install(handler, _json(), secrets, texts=texts)


def redactor(secrets: Sequence[str]) -> Callable[[str], str]:
    """A function that takes every secret out of a text; longer ones first."""
    hidden = sorted({secret for secret in secrets if secret}, key=len, reverse=True)

    def redact(text: str) -> str:
        for secret in hidden:
            text = text.replace(secret, REDACTED)
        return text

    return redact


class _SharedLog(RotatingFileHandler):
    """A rotating file that notices when another process has rotated it."""

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is not None and self._moved(self.stream):
            self.close()
            self.stream = None  # the next write reopens it
        super().emit(record)

    def _open(self) -> TextIO:  # type: ignore[override]
        kept = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(kept, "a", encoding=self.encoding, errors="backslashreplace")

    def _moved(self, stream: TextIO) -> bool:
        try:
            there = Path(self.baseFilename).stat()
        except FileNotFoundError:
            return True
        ours = os.fstat(stream.fileno())
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)


def _install(
    handler: logging.Handler, renderer: Processor, secrets: Sequence[str], *, texts: bool
) -> None:
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        *(() if texts else (_without_words,)),
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
                _redacting(secrets),
            ],
        )
    )
    logging.raiseExceptions = False  # a log that can not be written is no reason for noise
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _human(stream: TextIO) -> Processor:
    colors = stream.isatty() and "NO_COLOR" not in os.environ
    return structlog.dev.ConsoleRenderer(colors=colors)


def _json() -> Processor:
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _without_words(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for key in WORDS_OF_PEOPLE & event.keys():
        event[key] = f"({len(str(event[key]))} characters)"
    if isinstance(raised := event.get("exception"), str):
        event["exception"] = _GIVEN.sub("input_value=...", raised)
    return event


def _written(secret: str) -> Iterator[str]:
    """The secret as a line may hold it: as it is, as Python tells it, either of them in JSON."""
    for told in (secret, repr(secret)[1:-1]):
        yield told
        yield json.dumps(told)[1:-1]
        yield json.dumps(told, ensure_ascii=False)[1:-1]


def _redacting(secrets: Sequence[str]) -> Processor:
    redact = redactor([form for secret in secrets for form in _written(secret)])

    def process(_: WrappedLogger, __: str, line: EventDict) -> str:
        return redact(str(line))

    return process
