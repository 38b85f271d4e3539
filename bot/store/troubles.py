"""What went wrong with the store: whether to try again, and how to say it in one line."""

from redis import exceptions as lib

from bot.store.address import Address
from bot.store.port import StoreError, StoreUnreachable

SHORT = 1.5  # seconds: longer than a dropped connection, shorter than a person's patience
LONG = 8.0  # seconds: a server that loads its data, a slot that moves, a stall

_PASSING = ("TRYAGAIN", "LOADING", "MASTERDOWN", "UNBLOCKED", "BUSY ", "CLUSTERDOWN")
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"
_REFUSED = (lib.AuthenticationError, lib.AuthorizationError)
_CLUSTER = (lib.ClusterError, lib.RedisClusterException)

# The first row that fits: kinds of error, words in its text, what people are told.
_SAID: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((lib.NoPermissionError,), "", "{where} forbids it to the user in REDIS_URL: {reason}"),
    (_REFUSED, "", "{where} refuses the user or password in REDIS_URL"),
    (
        (lib.ConnectionError,),
        _UNTRUSTED,
        "{where} shows a TLS certificate that is not trusted: name its authority in REDIS_URL "
        "with ?ssl_ca_certs=FILE",
    ),
    ((lib.OutOfMemoryError,), "", "{where} is full: raise its maxmemory ({reason})"),
    ((lib.ReadOnlyError,), "", "{where} is a replica: REDIS_URL must name the primary"),
    ((lib.ResponseError,), "MISCONF", "{where} can not write to its disk: free it ({reason})"),
    ((lib.BusyLoadingError,), "", "{where} is still loading its data"),
    (_CLUSTER, "", "{where} is a cluster that is not whole: {reason}"),
    (
        (lib.ConnectionError, lib.TimeoutError),
        "",
        "{where} does not answer: is it up, and is REDIS_URL right? ({reason})",
    ),
    ((lib.ResponseError,), "NOREPLICAS", "{where} takes no writes: {reason}"),
)


def patience(error: Exception) -> float:
    """For how long (seconds) the same call is worth repeating."""
    if isinstance(error, _REFUSED) or _UNTRUSTED in str(error):
        return 0
    if isinstance(error, (lib.BusyLoadingError, lib.TimeoutError, *_CLUSTER, lib.TryAgainError)):
        return LONG
    if isinstance(error, (lib.ConnectionError, lib.ReadOnlyError)):
        return SHORT
    if isinstance(error, lib.RedisError):
        return LONG if str(error).startswith(_PASSING) else 0
    return LONG  # a cluster client whose table changes under it raises whatever it trips over


def disconnected(error: Exception) -> bool:
    """Whether the server itself may be gone."""
    return isinstance(error, lib.ConnectionError) and patience(error) > 0


def told(error: Exception, address: Address) -> StoreError:
    """The same for people: one line that names what to mend, without a secret."""
    where = f"the store at {address.name}"
    reason = address.mask((str(error).splitlines() or [""])[0]).strip().rstrip(".")
    for kinds, words, said in _SAID:
        if isinstance(error, kinds) and words in reason:
            return StoreUnreachable(said.format(where=where, reason=reason))
    if patience(error) > 0:
        return StoreUnreachable(f"{where} does not do it now: {reason}")
    return StoreError(f"{where} refused: {reason}")
