"""Looks at a server's certificate, also where no client would trust it: then people ask."""

import asyncio
import socket
import ssl
from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from agents.tools.clean import clean
from agents.tools.network.certificate import Certificate
from agents.tools.network.target import Place
from agents.tools.network.way import Way, info_of

CONNECT_TIME = 10.0
"""Seconds that one connection, or one handshake, may take."""

_Peer = tuple[bytes, str]
"""A certificate as it is sent, and the protocol that was agreed on."""


class NoCertificate(Exception):
    """It can not be seen: the text says why."""


async def look(way: Way, place: Place) -> Certificate:
    """The certificate that is shown there. Raises `NoCertificate`."""
    where = place.told(443)
    try:
        return await _seen(way, place)
    except ssl.SSLError as fault:
        why = (fault.reason or "it broke").lower().replace("_", " ")
        raise NoCertificate(f"{where} does not speak TLS as it should: {why}") from fault
    except TimeoutError:
        raise NoCertificate(f"{where} does not answer within {CONNECT_TIME:g} s") from None
    except ValueError as fault:
        raise NoCertificate(f"{where} shows a certificate that can not be read") from fault
    except OSError as fault:
        raise NoCertificate(_reason(fault, where)) from fault


async def _seen(way: Way, place: Place) -> Certificate:
    """First as a client would look at it; then, if it is not trusted, without minding that."""
    address, sock = await _open(way, place)
    try:
        return _read(*await _peer(sock, place, way.trust or _strict()), "")
    except ssl.SSLCertVerificationError as untrusted:
        fault = untrusted.verify_message.rstrip(".") or "it can not be checked"
    return _read(*await _peer(await _connected(way, address, place.port), place, _lenient()), fault)


async def _open(way: Way, place: Place) -> tuple[str, socket.socket]:
    """The first address of the host that takes a connection, and this one. Raises `OSError`."""
    last: OSError = ConnectionError(f"{place.host} has no address")
    for address in await way.addresses(place.host):
        try:
            return address, await _connected(way, address, place.port)
        except OSError as fault:
            last = fault
    raise last


async def _connected(way: Way, address: str, port: int) -> socket.socket:
    info = info_of(address, port)
    sock = way.socket(info)
    try:
        sock.setblocking(False)
        async with asyncio.timeout(CONNECT_TIME):
            await asyncio.get_running_loop().sock_connect(sock, info[4])
    except BaseException:
        sock.close()
        raise
    return sock


async def _peer(sock: socket.socket, place: Place, context: ssl.SSLContext) -> _Peer:
    """What the server shows in a handshake; nothing is said to it after that."""
    try:
        async with asyncio.timeout(CONNECT_TIME):
            transport, _ = await asyncio.get_running_loop().create_connection(
                asyncio.Protocol, sock=sock, ssl=context, server_hostname=place.host
            )
    except BaseException:
        sock.close()
        raise
    try:
        tls = transport.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True) if isinstance(tls, ssl.SSLObject) else None
        if not isinstance(tls, ssl.SSLObject) or der is None:
            raise ValueError("no certificate")
        return der, tls.version() or "TLS"
    finally:
        transport.abort()


def _strict() -> ssl.SSLContext:
    return ssl.create_default_context()


def _lenient() -> ssl.SSLContext:
    """Takes any certificate: it is looked at, and nothing is said to whoever shows it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _reason(fault: OSError, where: str) -> str:
    if isinstance(fault, ConnectionRefusedError):
        return f"{where} refuses the connection"
    if fault.errno is None:
        return str(fault) or f"{where} can not be reached"
    return f"{where} can not be reached: {(fault.strerror or type(fault).__name__).lower()}"


def _read(der: bytes, protocol: str, fault: str) -> Certificate:
    """Raises `ValueError` for what is no certificate."""
    found = x509.load_der_x509_certificate(der)
    return Certificate(
        subject=_called(found.subject),
        issuer=_called(found.issuer),
        names=tuple(_names(found)),
        begins=found.not_valid_before_utc,
        ends=found.not_valid_after_utc,
        own=found.subject == found.issuer,
        fault=fault,
        protocol=protocol,
    )


def _called(name: x509.Name) -> str:
    """Who that is, as it says itself: its organisation and its own name."""
    oids = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    every = (str(one.value) for oid in oids for one in name.get_attributes_for_oid(oid))
    told = (" ".join(clean(one).split())[:80] for one in every)
    return ", ".join(dict.fromkeys(one for one in told if one))


def _names(found: x509.Certificate) -> Iterator[str]:
    try:
        extension = found.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    except x509.ExtensionNotFound:
        return
    if not isinstance(extension.value, x509.SubjectAlternativeName):
        return
    for name in extension.value:
        if isinstance(name, x509.DNSName | x509.IPAddress):
            yield " ".join(clean(str(name.value)).split())[:253]
