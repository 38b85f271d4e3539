"""Who runs the command, and with which settings: resolved here and nowhere else."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from bot import telemetry
from bot.audit import Note
from bot.cli.job import Fault
from bot.settings import Settings, load, secret_values
from bot.store.port import ThreadStore
from channels import console
from channels.port import Author


@dataclass(frozen=True, slots=True)
class Session:
    """One command, run by the OS user `user`."""

    settings: Settings
    user: str

    @property
    def author(self) -> Author:
        """The OS user as the author of what they do."""
        return console.author(self.user)

    @property
    def person(self) -> str | None:
        """The person of the configuration who runs the command, if they are in it."""
        return self.settings.people_by_console(self.user)

    def check_person(self) -> None:
        """Raises `Fault` unless the configuration names who runs the command."""
        if self.person is None:
            raise Fault(stranger(self.user))

    async def audit(self, store: ThreadStore, command: str, **details: str) -> None:
        """Write down that this command is being run; of a detail that is no id, its digest."""
        by, person = f"console:{self.user}", self.person or ""
        await store.trail.note(Note(command=command, by=by, person=person, ids=details))


def stranger(user: str) -> str:
    """What an OS user is told whom the configuration does not name."""
    return f'{user} is not in the configuration: add console = "{user}" to a table under [people]'


def os_user() -> str:
    """The name of the OS user by uid: what the environment says of it is not to be trusted."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def settings_here() -> Settings:
    """The settings of this directory and environment. Raises `SettingsError`."""
    return load(os.environ, Path.cwd(), os_user())


def begin() -> Session:
    """Read the settings and log to the file in the data directory."""
    settings = settings_here()
    telemetry.log_to_file(settings.data_dir, secret_values(settings), texts=settings.log.texts)
    return Session(settings, os_user())
