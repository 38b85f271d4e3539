"""What mails tell of the server that checks who wrote them, for whoever sets it up. Pure."""

from collections.abc import Iterable, Sequence

from channels.email.authentication import Result, results_of, servers
from channels.email.parsing import Mail

METHODS = ("spf", "dkim", "dmarc")


def proposed(mails: Iterable[Mail]) -> str:
    """The name that the newest mail's topmost results have; "" if there is none.

    To be confirmed by somebody who knows the server: whoever sent the mail could have added it.
    """
    return next((name for mail in mails for name in servers(mail)[:1]), "")


def results(mail: Mail, authserv_id: str) -> tuple[Result, ...]:
    """What the server of that name found out about the mail."""
    for value in mail.authentication_results:
        name, found = results_of(value)
        if name == authserv_id.strip().casefold():
            return found
    return ()


def lacking(mail: Mail, authserv_id: str) -> tuple[str, ...]:
    """The methods that it has no result of."""
    found = {result.method for result in results(mail, authserv_id)}
    return tuple(method for method in METHODS if method not in found)


def faults(mails: Sequence[Mail], authserv_id: str) -> tuple[str, ...]:
    """What is amiss with `[email] authserv_id`, as far as these mails tell, newest first."""
    name = proposed(mails)
    if not authserv_id:
        known = f' (`authserv_id = "{name}"`, if that is your own mail server)' if name else ""
        return (
            f"[email] authserv_id is not set{known}, so nobody is known to be who they say:"
            " whoever writes is a stranger",
        )
    checked = next((mail for mail in mails if results(mail, authserv_id)), None)
    if checked is None:
        if not name:
            return ()
        return (
            f"[email] authserv_id is {authserv_id}, and the newest mails carry results of {name}:"
            " write that, if it is your own mail server",
        )
    missing = lacking(checked, authserv_id)
    if "dmarc" not in missing:
        return ()
    named = " and ".join(map(str.upper, missing))
    return (
        f"{authserv_id} says nothing of {named} in the newest mail: without DMARC, or DKIM of the"
        " sender's own domain, its sender is not known",
    )
