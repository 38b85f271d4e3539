"""`watchkeeper run` as processes of their own, at a local mail server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.bot_process import Bots, ended
from tests.email_house import BOT, TEAM, Post, post_office
from tests.house import RUNBOOKS, write_config


def email_bots(folder: Path, post: Post) -> Bots:
    """No process yet: the configuration, and the environment."""
    write_config(folder, lease="2s", runbooks=RUNBOOKS + TEAM)
    return Bots(folder, post.env, f"email: connected as {BOT}")


@asynccontextmanager
async def bots(folder: Path) -> AsyncIterator[tuple[Post, Bots]]:
    """The servers, and processes that are stopped at the end, however they are."""
    with post_office() as post:
        those = email_bots(folder, post)
        async with ended(those):
            yield post, those
