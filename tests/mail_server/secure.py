"""What secure connections need: a certificate of our own, and a server that gives out tokens."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tests.mail_server.dovecot import USER


def certificate(folder: Path) -> Path:
    """A file with a certificate for this machine and its key; whoever trusts it trusts us."""
    made = folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )
    made.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    made.chmod(0o644)
    return made


@dataclass
class Issuer:
    """Gives out tokens, and says whether one is good. refuses: no token for anybody."""

    url: str = ""
    given: list[str] = field(default_factory=list)
    good: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    refuses: bool = False
    stale: int = 0

    async def token(self, request: web.Request) -> web.Response:
        """A new token for a refresh token; the first `stale` of them are not good any more."""
        form = await request.post()
        self.asked.append({key: str(value) for key, value in form.items()})
        if self.refuses:
            return web.json_response({"error": "invalid_grant"}, status=400)
        made = f"token-{len(self.given)}"
        self.given.append(made)
        if len(self.given) > self.stale:
            self.good.add(made)
        return web.json_response({"access_token": made, "token_type": "Bearer"})

    async def info(self, request: web.Request) -> web.Response:
        """Whose token it is."""
        if request.query.get("access_token") not in self.good:
            return web.json_response({"error": "invalid_token"}, status=401)
        return web.json_response({"email": USER})


@asynccontextmanager
async def issuer() -> AsyncIterator[Issuer]:
    """A running one."""
    one, app = Issuer(), web.Application()
    app.router.add_post("/token", one.token)
    app.router.add_get("/info", one.info)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    one.url = f"http://{host}:{port}"
    try:
        yield one
    finally:
        await runner.cleanup()
