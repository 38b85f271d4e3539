"""`init email`: a mailbox tried out both ways, and who vouches for those who write to it."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from bot.cli import config_file, dotenv_file
from bot.cli.job import DONE, NOT_SO, USAGE, Fault
from bot.cli.meeting import PATIENCE, asked, configured
from bot.cli.output import flush, line, warn
from bot.cli.session import os_user, settings_here
from bot.postbox import postbox
from bot.settings import Settings
from channels.email import vouching
from channels.email.authentication import verdict
from channels.email.imap import ImapLost, ImapRefused
from channels.email.parsing import Mail
from channels.email.settings import EmailSettings
from channels.email.trial import Trial, trying
from channels.port import SendFailed

STEPS = """\
1. Give the bot a mailbox of its own that nobody else reads, on a server with IMAP and SMTP.
2. Say where it is: imaps://USER:PASSWORD@HOST and smtps://USER:PASSWORD@HOST (or
   smtp+starttls://...). In a user name or a password write @ as %40, : as %3A and / as %2F.
   For access tokens instead of passwords set EMAIL_OAUTH_... first."""
ASKED = {
    "EMAIL_ADDRESS": "The bot's address",
    "IMAP_URL": "Where it reads (imaps://...)",
    "SMTP_URL": "Where it sends (smtps://...)",
}
ARRIVAL = 60.0
"""Seconds in which a mail to itself should arrive."""
UNTAGGED = (
    "{tagged} does not arrive: written as plus_addressing = false. Replies are known by their"
    " References alone, and nothing can be decided by mail"
)
UNVOUCHED = (
    "no mail server has said in Authentication-Results who wrote that mail, so nobody can be known"
    " by mail, and nothing be approved: have your own check SPF, DKIM and DMARC and say so"
)
UNCONFIRMED = (
    '{name} is not trusted yet. If it is your own mail server, write authserv_id = "{name}" under'
    " [email] in {config}, and run `watchkeeper init email` again"
)


async def set_up() -> int:
    """Step by step, from the servers to an admin who is known by mail. Raises `Fault`."""
    line(STEPS)
    given = asked(ASKED)
    config = configured()
    os.environ.update(given)
    settings = settings_here()
    mailbox = _mailbox(settings)
    with _told():
        async with trying(mailbox) as trial:
            dotenv_file.put(Path.cwd() / ".env", given)
            line("email: logged in both ways; the credentials are in .env, for you alone")
            line(f"email: the IMAP server has {', '.join(trial.capabilities) or 'nothing we use'}")
            await _arrivals(trial, mailbox, config)
            mail = await _coded(trial, mailbox)
    if mail is None:
        warn("no mail with the code came: run `watchkeeper init email` again for a new one")
        return NOT_SO
    name = _vouching(mail, settings, config)
    return _recorded(mail, name, settings, config) if name else NOT_SO


def _mailbox(settings: Settings) -> EmailSettings:
    mailbox = settings.secrets.mailbox
    if mailbox is None:
        raise Fault("EMAIL_ADDRESS is needed", USAGE)
    return postbox(settings, mailbox, b"no token is signed here")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (ImapLost, ImapRefused) as fault:
        raise Fault(f"email: the IMAP server: {fault}", USAGE) from None
    except SendFailed as fault:
        raise Fault(f"email: the SMTP server: {fault.reason}", USAGE) from None


async def _arrivals(trial: Trial, mailbox: EmailSettings, config: Path) -> None:
    """Whether mail to itself arrives, and whether it does with a tag."""
    if not await trial.to_itself(tagged=False, seconds=ARRIVAL):
        warn(f"email: a mail to {mailbox.address} did not arrive within {ARRIVAL:.0f} s")
        return
    line(f"email: a mail to {mailbox.address} arrived")
    local, _, domain = mailbox.address.rpartition("@")
    tagged = f"{local}+anything@{domain}"
    try:
        arrives = await trial.to_itself(tagged=True, seconds=ARRIVAL)
    except SendFailed:
        arrives = False
    if arrives:
        line(f"email: {tagged} arrives as well, so replies carry a token")
    else:
        config_file.put(config, "email", plus_addressing=False)
        warn(f"email: {UNTAGGED.format(tagged=tagged)}")


async def _coded(trial: Trial, mailbox: EmailSettings) -> Mail | None:
    """The mail of whoever has the code."""
    code = f"watch-{secrets.token_hex(4)}"
    told = "3. From your own address, send a mail with this as its subject or its first word"
    line(f"{told} to {mailbox.address}: {code}")
    flush()
    return await trial.hears(code, PATIENCE)


def _vouching(mail: Mail, settings: Settings, config: Path) -> str:
    """Who vouches for senders, "" for nobody; what the configuration says is confirmed already."""
    if told := settings.email.authserv_id:
        return told
    name = vouching.proposed((mail,))
    if not name:
        warn(f"email: {UNVOUCHED}")
        return ""
    found = ", ".join(f"{one.method}={one.result}" for one in vouching.results(mail, name))
    line(f"email: {name} says of your mail: {found}")
    flush()
    for method in vouching.lacking(mail, name):
        warn(f"email: {name} says nothing of {method.upper()}")
    if not _yes(f"4. Is {name} your own mail server? What it says of senders is believed then"):
        warn(f"email: {UNCONFIRMED.format(name=name, config=config)}")
        return ""
    config_file.put(config, "email", authserv_id=name)
    return name


def _yes(question: str) -> bool:
    if sys.stdin.isatty():
        return typer.confirm(question)
    line(f"{question} (yes or no)")
    flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _recorded(mail: Mail, vouches: str, settings: Settings, config: Path) -> int:
    """Whoever sent the code is written down, if it is proven to be them."""
    judged = verdict(mail, vouches)
    if mail.sender is None or not judged.authenticated:
        warn(f"email: nobody is written down, for {vouches} does not vouch for it: {judged.reason}")
        return NOT_SO
    address = mail.sender.address
    name = settings.people_by_console(os_user()) or os_user()
    config_file.add_admin(config, name, "email", address)
    line(f"You are {address}: written as people.{name} with the role admin.")
    line(
        "What may be approved by mail is for you to say: `[email] may_approve`, nothing by default."
    )
    line("Start it: `watchkeeper run`")
    return DONE
