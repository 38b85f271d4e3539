"""Logs: threads by id, nobody's words, no secret, one line an event."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import TypeAdapter, ValidationError

from bot import telemetry
from tests.plain_logs import plain_logs


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Other tests keep the logging that they have."""
    root = logging.getLogger()
    handlers, level, noisy = root.handlers[:], root.level, logging.raiseExceptions
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level, logging.raiseExceptions = handlers, level, noisy
    plain_logs()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        """As a terminal says."""
        return True


def logged(folder: Path) -> list[dict[str, object]]:
    """The rows of the log file."""
    lines = (folder / telemetry.LOG_NAME).read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_words_of_people_are_not_logged(tmp_path: Path) -> None:
    """The thread is named, what was said on it only by its length."""
    telemetry.log_to_file(tmp_path, ())
    structlog.get_logger("bot").info("reply", thread="abc", text="my secret plan", args={"a": 1})
    (row,) = logged(tmp_path)
    assert (row["event"], row["thread"]) == ("reply", "abc")
    assert "plan" not in json.dumps(row)
    assert row["text"] == "(14 characters)"


def test_secrets_are_redacted_wherever_they_turn_up(tmp_path: Path) -> None:
    """In fields, in messages of libraries, in tracebacks; also when JSON has to escape them."""
    telemetry.log_to_file(tmp_path, ("hunter2", 'qu"ote'))
    log = structlog.get_logger("bot")
    log.info("connected", url="redis://:hunter2@h", other='qu"ote')
    logging.getLogger("library").warning("bad password %s", "hunter2")
    try:
        raise ValueError("hunter2")
    except ValueError:
        log.exception("broke")
    text = (tmp_path / telemetry.LOG_NAME).read_text()
    assert len(logged(tmp_path)) == 3
    assert "hunter2" not in text
    assert "ote" not in text
    assert text.count(telemetry.REDACTED) >= 4


@pytest.mark.parametrize(
    "secret", ['\u00e9"x\\y', "\u00e9'x\"y", "caf\u00e9\nnoir", "\u65e5\\\u672c"]
)
@pytest.mark.parametrize("terminal", [False, True])
def test_a_secret_that_has_to_be_escaped(secret: str, terminal: bool) -> None:
    """Quotes, backslashes and letters beyond ASCII in one secret hide it from nobody but people."""
    stream = Terminal() if terminal else io.StringIO()
    telemetry.log_to_stream(stream, (secret,))
    structlog.get_logger("bot").info("x", one=secret, two=f"a {secret} b", three={"k": secret})
    assert stream.getvalue().count(telemetry.REDACTED) == 3
    for letters in ("\u00e9", "\\xe9", "\\u00e9", "\u65e5", "\\u65e5"):
        assert letters not in stream.getvalue()


def test_only_the_owner_can_read_the_log(tmp_path: Path) -> None:
    """The folder and the file are private from the start."""
    folder = tmp_path / "data"
    telemetry.log_to_file(folder, ())
    structlog.get_logger().info("x")
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / telemetry.LOG_NAME).stat().st_mode & 0o077 == 0


def test_the_log_goes_on_after_another_process_rotated_it(tmp_path: Path) -> None:
    """Whoever renames the file, later rows are in the new one."""
    telemetry.log_to_file(tmp_path, ())
    structlog.get_logger().info("first")
    path = tmp_path / telemetry.LOG_NAME
    path.rename(tmp_path / "moved")
    structlog.get_logger().info("second")
    assert [row["event"] for row in logged(tmp_path)] == ["second"]


def test_the_log_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log can not fill the disk."""
    monkeypatch.setattr(telemetry, "LOG_BYTES", 2000)
    telemetry.log_to_file(tmp_path, ())
    for _ in range(200):
        structlog.get_logger().info("x" * 100)
    files = list(tmp_path.glob(f"{telemetry.LOG_NAME}*"))
    assert len(files) == telemetry.LOG_FILES + 1
    assert all(file.stat().st_size <= 2000 for file in files)


def test_a_folder_that_can_not_be_written_means_no_log(tmp_path: Path) -> None:
    """A command does not fail because of its log."""
    (tmp_path / "file").write_text("")
    telemetry.log_to_file(tmp_path / "file" / "data", ())
    structlog.get_logger().info("x")


def test_a_stream_that_is_no_terminal_gets_json() -> None:
    """What collects logs can read them."""
    stream = io.StringIO()
    telemetry.log_to_stream(stream, ())
    structlog.get_logger("bot").info("ready", slots=3)
    row = json.loads(stream.getvalue())
    assert (row["event"], row["slots"], row["level"], row["logger"]) == ("ready", 3, "info", "bot")


@pytest.mark.parametrize(("style", "terminal"), [("human", False), ("json", True)])
def test_the_style_can_be_said(style: telemetry.Style, terminal: bool) -> None:
    """Whatever the stream is."""
    stream = Terminal() if terminal else io.StringIO()
    telemetry.log_to_stream(stream, (), style=style)
    structlog.get_logger("bot").info("ready", text="my secret plan")
    assert stream.getvalue().startswith("{") is (style == "json")
    assert "plan" not in stream.getvalue()


def test_words_can_be_asked_for(tmp_path: Path) -> None:
    """`texts`: with what was said; secrets are taken out all the same."""
    telemetry.log_to_file(tmp_path, ("hunter2",), texts=True)
    structlog.get_logger("bot").info("reply", text="my secret plan: hunter2")
    (row,) = logged(tmp_path)
    assert row["text"] == f"my secret plan: {telemetry.REDACTED}"


def test_what_did_not_fit_is_not_quoted() -> None:
    """pydantic's errors show the value in their text, which may be what somebody said."""
    said = "my secret, input_type=plan\nmore of the plan"
    stream = io.StringIO()
    telemetry.log_to_stream(stream, ())
    try:
        TypeAdapter(int).validate_python(said)
    except ValidationError:
        structlog.get_logger("bot").exception("broke")
    row = json.loads(stream.getvalue())
    assert "ValidationError" in row["exception"]
    assert "plan" not in row["exception"]
    assert "input_type=str" in row["exception"]


def test_people_get_lines_for_people() -> None:
    """On a terminal a row is no JSON, and shows nothing that it should not."""
    stream = Terminal()
    telemetry.log_to_stream(stream, ("hunter2",))
    structlog.get_logger("bot").info("ready", url="hunter2")
    assert "ready" in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    assert not stream.getvalue().startswith("{")
