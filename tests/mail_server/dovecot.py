"""A Dovecot of its own in a temporary folder, on a port that was free."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

BINARY = shutil.which("dovecot") or (
    "/usr/sbin/dovecot" if Path("/usr/sbin/dovecot").exists() else ""
)
MISSING = "dovecot is not installed (apt-get install dovecot-imapd)"

USER, PASSWORD = "bot", 'pass "word\\'

_OWNER, _GROUP = (os.getuid(), os.getgid()) if os.getuid() else (65534, 65534)
"""Whose the mails are: Dovecot gives nobody mail who is root."""

_CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
{tls}
default_internal_user = {internal}
default_login_user = {login}
first_valid_uid = 0
mail_location = maildir:{root}/mail
mailbox_list_index = no
mailbox_idle_check_interval = 1 s
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {root}/users
}}
{oauth}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
"""


_TLS = "ssl = yes\nssl_cert = <{file}\nssl_key = <{file}"
_OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth
}}
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Dovecot:
    """Start it with `start`; the mailbox is `root/mail`. capabilities: all that it tells of.

    secure: a port for TLS, with `certificate`, which holds its key. tokens: the address that says
    whether an access token is good.
    """

    root: Path
    port: int = field(default_factory=free_port)
    capabilities: str = ""
    secure: int = 0
    certificate: Path | None = None
    tokens: str = ""
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it takes connections."""
        for folder in ("run", "state", "home", "mail/new", "mail/cur", "mail/tmp"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        me, root = getpass.getuser(), os.getuid() == 0
        # As root, its helpers run as somebody who must be able to reach the folder.
        config = _CONFIG.format(
            root=self.root,
            port=self.port,
            internal="dovecot" if root else me,
            login="dovenull" if root else me,
            uid=_OWNER,
            gid=_GROUP,
            secure=self.secure,
            tls=_TLS.format(file=self.certificate) if self.certificate else "ssl = no",
            oauth=_OAUTH.format(root=self.root) if self.tokens else "",
        )
        if self.tokens:
            (self.root / "oauth").write_text(
                f"tokeninfo_url = {self.tokens}\nusername_attribute = email\n"
            )
        if self.capabilities:
            config += f"imap_capability = {self.capabilities}\n"
        self._own(*self.root.glob("mail"), *self.root.glob("mail/*"), self.root / "home")
        (self.root / "dovecot.conf").write_text(config)
        (self.root / "users").write_text(f"{USER}:{PASSWORD}\n")
        self._process = subprocess.Popen(
            [BINARY, "-F", "-c", str(self.root / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._await_port()

    def kill(self) -> None:
        """At once, with everybody who is connected."""
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def renumber(self) -> None:
        """Another UIDVALIDITY: what was known of UIDs counts no more. Only while it is down."""
        for name in self.root.glob("mail/dovecot*"):
            name.unlink()
        uids = self.root / "mail" / "dovecot-uidlist"
        uids.write_text("3 V1234567 N900 G0\n")
        self._own(uids)

    def put(self, raw: bytes, name: str) -> None:
        """A mail arrives."""
        arriving = self.root / "mail" / "tmp" / name
        arriving.write_bytes(raw)
        self._own(arriving)
        arriving.rename(self.root / "mail" / "new" / name)

    def put_back(self, folder: str) -> None:
        """Everything in a folder is in the inbox as well, as new."""
        for number, name in enumerate(self.holds(folder)):
            raw = (self.root / "mail" / f".{folder}" / "cur" / name).read_bytes()
            self.put(raw, f"back{number}")

    def holds(self, folder: str = "") -> list[str]:
        """The file names in a folder, as Maildir has them; "" for the inbox."""
        place = self.root / "mail" / f".{folder}" if folder else self.root / "mail"
        return sorted(file.name for part in ("new", "cur") for file in (place / part).glob("*"))

    def _own(self, *paths: Path) -> None:
        for path in paths:
            os.chown(path, _OWNER, _GROUP)

    def _await_port(self) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 0.5) as one:
                    one.settimeout(2)
                    if one.recv(4).startswith(b"* OK"):
                        return
            except OSError:
                time.sleep(0.02)
        log = self.root / "dovecot.log"
        raise RuntimeError(log.read_text() if log.exists() else "dovecot did not start")
