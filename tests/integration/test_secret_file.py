"""The secret of a bot with its own store: made once, whoever starts first, and only the owner's."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot import secret_file
from bot.faults import SettingsError

ROOT = Path(__file__).parents[2]
MAKE = """
import sys
from pathlib import Path
from bot import secret_file
print("ready", flush=True)
sys.stdin.readline()
print(secret_file.made(Path(sys.argv[1])))
"""


def test_processes_that_start_at_once_have_one_secret(tmp_path: Path) -> None:
    """One of them makes it, all have it, and nothing else is left in the directory."""
    command = [sys.executable, "-c", MAKE, str(tmp_path)]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) for _ in range(6)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    made = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert made == {secret_file.read(tmp_path)}
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_directory_without_one_has_none(tmp_path: Path) -> None:
    """Reading makes nothing, also where there is no directory yet."""
    assert secret_file.read(tmp_path) is None
    assert secret_file.read(tmp_path / "nowhere") is None
    assert list(tmp_path.iterdir()) == []


def test_what_can_not_be_read_or_made_is_told(tmp_path: Path) -> None:
    """One line that names the file; nothing is chained with half a secret."""
    with pytest.raises(SettingsError, match="nowhere/secret can not be written: No such file"):
        secret_file.made(tmp_path / "nowhere")
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="secret can not be read: not a text"):
        secret_file.made(tmp_path)
    (tmp_path / "secret").unlink()
    (tmp_path / "secret").mkdir()
    with pytest.raises(SettingsError, match="secret can not be read: Is a directory"):
        secret_file.made(tmp_path)
