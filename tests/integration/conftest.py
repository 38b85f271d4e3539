"""What integration tests may ask for besides a store."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.secrets_env import Secrets
from bot.store import embedded
from tests.cli_house import Cli
from tests.plain_logs import plain_logs


@pytest.fixture
def cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Cli]:
    """Commands with nothing stored yet, on a store that stays up between them."""
    for name in (*Secrets.model_fields, "watchkeeper_config"):
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("WATCHKEEPER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    structlog.reset_defaults()  # as a command finds it
    server = asyncio.run(embedded.start(tmp_path / "data"))
    yield Cli(tmp_path, capsys)
    server.close()
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level, logging.raiseExceptions = handlers, level, True
    plain_logs()
