"""What the largest mails cost the process that reads the box."""

from pathlib import Path

import pytest

from tests.email_house import ANN, BOT, PROVEN
from tests.email_process import bots
from tests.mail_server import dovecot

pytestmark = pytest.mark.skipif(not dovecot.BINARY, reason=dovecot.MISSING)

MB = 1024 * 1024


def peak(pid: int) -> int:
    """The most resident memory that a process ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells no peak of memory")
async def test_a_mail_of_sixty_megabytes_is_not_read(tmp_path: Path) -> None:
    """Its size is asked first: memory grows by less than 60 MB, and its sender is told once."""
    async with bots(tmp_path) as (post, bot):
        child = await bot.start()
        post.writes(ANN, "services")
        await post.got(ANN)
        before = peak(child.pid)
        line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAx\n"
        head = (
            f"Authentication-Results: {PROVEN}\nFrom: {ANN}\nTo: {BOT}\nSubject: a dump\n"
            "Message-ID: <large@team.example>\nContent-Type: application/octet-stream\n"
            "Content-Transfer-Encoding: base64\n\n"
        )
        post.box.put(head.encode() + line * (60 * MB // len(line)), "large")
        await post.tells(ANN, "too large")
        post.writes(ANN, "look service=api")
        await post.tells(ANN, "api is fine")
        assert peak(child.pid) - before < 60 * MB
        assert len(post.box.holds("Failed")) == 1
