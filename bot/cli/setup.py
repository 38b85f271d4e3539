"""`config check` and `init`: the configuration file, judged and begun."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.init_discord import DISCORD
from bot.cli.init_slack import SLACK
from bot.cli.job import DONE, Fault, Job
from bot.cli.meeting import meet
from bot.cli.output import line
from bot.cli.session import settings_here
from bot.secrets_env import with_dotenv
from bot.settings import EXAMPLE, config_path
from channels.slack.scopes import slack_manifest


def register(app: typer.Typer) -> None:
    """Add the commands."""
    config = typer.Typer(help="The configuration file.")
    config.command()(check)
    config.callback()(_group)
    app.add_typer(config, name="config")
    app.command()(init)


def _group() -> None:
    """A group even with one command in it."""


def check() -> Job:
    """Say whether the settings are right, and what to mend if they are not."""
    return _check()


async def _check() -> int:
    settings = settings_here()
    counts = (
        f"{len(settings.people)} people",
        f"{len(settings.services)} services",
        f"{len(settings.runbooks)} runbooks",
    )
    line(f"{_name(settings.config_path)}: right ({', '.join(counts)})")
    return DONE


def _name(path: Path) -> str:
    if path != EXAMPLE:
        return str(path)
    return "the packaged example (there is no file here, `watchkeeper init` writes one)"


class Place(StrEnum):
    """A channel that can be set up step by step."""

    SLACK = "slack"
    DISCORD = "discord"
    EMAIL = "email"


GUIDES = {Place.SLACK: SLACK, Place.DISCORD: DISCORD}


def init(
    channel: Annotated[Place | None, typer.Argument(help="Connect this channel.")] = None,
    manifest: Annotated[bool, typer.Option(help="Print the manifest of the Slack app.")] = False,
) -> Job:
    """Write a commented watchkeeper.toml to begin with, or connect a channel step by step."""
    if channel is None:
        return _init()
    if channel is Place.EMAIL:
        from bot.cli import init_email  # noqa: PLC0415 - what reads mail takes a while to import

        return init_email.set_up()
    return _manifest() if manifest else meet(GUIDES[channel])


async def _manifest() -> int:
    line(slack_manifest())
    return DONE


async def _init() -> int:
    here = Path.cwd()
    path = config_path(with_dotenv(os.environ, here / ".env"), here)
    try:
        with path.open("xb") as file:
            file.write(EXAMPLE.read_bytes())
    except FileExistsError:
        raise Fault(f"{path} is already there: edit it, or remove it first") from None
    except OSError as error:
        raise Fault(f"{path} cannot be written: {error.strerror}") from None
    line(f"{path} written: put your people and runbooks in, then `watchkeeper config check`")
    return DONE
