"""Where the store is: TLS, passwords, and one line that says what to mend."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.store.port import StoreError, StoreUnreachable
from bot.store.redis import connect
from tests.contract.lab import message
from tests.servers import Server, await_answer, free_port, program, redis_server, run, start_redis

PASSWORD = "s3cret%2Fword"  # as in a URL
PLAIN = "s3cret/word"


@dataclass
class Secured:
    """A server that wants TLS and a password."""

    port: int
    authority: Path


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Redis with a certificate of an authority that only the test knows."""
    folder = tmp_path_factory.mktemp("tls")
    authority, certificate = make_certificates(folder)
    port = free_port()
    server = start_redis(
        folder,
        *("--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"),
        *("--tls-cert-file", str(certificate), "--tls-key-file", str(folder / "server.key")),
        *("--tls-ca-cert-file", str(authority)),
        *("--requirepass", PLAIN),
        port=port,
    )
    yield Secured(port, authority)
    server.stop()


def make_certificates(folder: Path) -> tuple[Path, Path]:
    """An authority, and a certificate of it for this machine."""
    openssl = program("openssl")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    authority, certificate = folder / "ca.pem", folder / "server.pem"
    run(
        *(openssl, "req", "-x509", *key, "-subj", "/CN=test authority"),
        *("-keyout", str(folder / "ca.key"), "-out", str(authority)),
    )
    run(
        *(openssl, "req", "-x509", *key, "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        *("-addext", "basicConstraints=critical,CA:FALSE"),
        *("-CA", str(authority), "-CAkey", str(folder / "ca.key")),
        *("-keyout", str(folder / "server.key"), "-out", str(certificate)),
    )
    return authority, certificate


async def test_a_store_behind_tls_and_a_password(secured: Secured) -> None:
    """`rediss://` with a password and one's own authority is a store like any other."""
    place = f"rediss://:{PASSWORD}@localhost:{secured.port}/0?ssl_ca_certs={secured.authority}"
    store = await connect(place, bot="test")
    appended = await store.append(["r"], message(), dedupe="1")
    assert appended is not None
    assert len(await store.events(appended.thread)) == 1
    await store.close()


async def test_an_unknown_authority_is_named(secured: Secured) -> None:
    """A certificate that nobody vouches for is refused, with the option that would."""
    with pytest.raises(StoreUnreachable, match="ssl_ca_certs") as caught:
        await connect(f"rediss://:{PASSWORD}@localhost:{secured.port}", bot="test")
    assert one_line_without_secrets(caught.value)


async def test_plain_talk_to_a_tls_port_is_an_error(secured: Secured) -> None:
    """The wrong scheme does not hang."""
    with pytest.raises(StoreUnreachable, match="REDIS_URL") as caught:
        await connect(f"redis://:{PASSWORD}@localhost:{secured.port}", bot="test")
    assert one_line_without_secrets(caught.value)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Redis with a password, and a user who may only look."""
    with redis_server(
        tmp_path_factory.mktemp("guarded"),
        *("--requirepass", PLAIN),
        *("--user", "reader", "on", f">{PLAIN}", "~*", "+@read", "+info"),
    ) as server:
        yield server


@pytest.mark.parametrize("user", ["", ":wrong@", "nobody:wrong@"])
async def test_a_wrong_password_is_said_and_not_shown(guarded: Server, user: str) -> None:
    """Whoever reads the log learns what to mend, not what was tried."""
    with pytest.raises(StoreUnreachable, match="password in REDIS_URL") as caught:
        await connect(f"redis://{user}127.0.0.1:{guarded.port}", bot="test")
    assert "wrong" not in str(caught.value)
    assert f"127.0.0.1:{guarded.port}" in str(caught.value)


async def test_a_user_who_may_not_do_it_is_named(guarded: Server) -> None:
    """Permissions that are too narrow are an error of the settings, not of a thread."""
    place = f"redis://reader:{PASSWORD}@127.0.0.1:{guarded.port}"
    with pytest.raises(StoreUnreachable, match="forbids it to the user in REDIS_URL") as caught:
        await connect(place, bot="test")
    assert one_line_without_secrets(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "http://localhost",
        "redis://localhost:port",
        "redis://localhost:99999",
        "redis://localhost/first",
        "redis://localhost?socket_timeout=soon",
        "redis://localhost?colour=blue",
        "redis://[::1",
        "unix://",
    ],
)
async def test_a_bad_address_names_the_setting(url: str) -> None:
    """What can not be an address is refused at once, in one line."""
    with pytest.raises(StoreError, match="REDIS_URL") as caught:
        await connect(url, bot="test")
    assert "\n" not in str(caught.value)


async def test_a_bad_name_of_the_bot_is_refused() -> None:
    """The name is part of every key and must not tear them apart."""
    with pytest.raises(StoreError, match="the bot's name"):
        await connect("redis://localhost", bot="a}{b")


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "unix:///nowhere/at/all.sock"])
async def test_nobody_there_is_said_with_the_address(url: str) -> None:
    """A store that is down is reported with where it was looked for, without the password."""
    place = url.replace("redis://", f"redis://:{PASSWORD}@")
    with pytest.raises(StoreUnreachable, match="does not answer") as caught:
        await connect(place, bot="test")
    assert url in str(caught.value)
    assert one_line_without_secrets(caught.value)


async def test_a_server_that_comes_back_is_found_again(tmp_path: Path) -> None:
    """The same store goes on after a restart of its server, and says so while it is away."""
    server = start_redis(tmp_path)
    store = await connect(server.url, bot="test")
    await store.append(["r"], message(), dedupe="1")
    server.kill()
    with pytest.raises(StoreUnreachable, match="does not answer"):
        await store.append(["r"], message(), dedupe="2")
    again = start_redis(tmp_path, port=server.port)
    await_answer(again)
    appended = await store.append(["r"], message(), dedupe="2")
    assert appended is not None
    assert appended.seq == 2
    await store.close()
    again.stop()


def one_line_without_secrets(error: StoreError) -> bool:
    """What may be printed."""
    text = str(error)
    return "\n" not in text and PLAIN not in text and PASSWORD not in text
