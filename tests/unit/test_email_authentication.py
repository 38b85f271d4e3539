"""Who is believed to have written a mail; a forged one never is."""

import pytest

from channels.email.authentication import servers, verdict
from channels.email.parsing import parse

OURS = "mx.ops.example"


def judged(*results: str, sender: str = "bob@shop.example", server: str = OURS) -> bool:
    """Whether a mail with these results, topmost first, is believed."""
    lines = "".join(f"Authentication-Results: {one}\n" for one in results)
    return verdict(parse(f"{lines}From: {sender}\n\nx".encode()), server).authenticated


@pytest.mark.parametrize(
    "results",
    [
        f"{OURS}; dmarc=pass header.from=shop.example",
        f"{OURS}; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=shop.example; spf=pass",
        f"{OURS}; dkim=pass header.d=shop.example header.s=a",
        f"{OURS}; dkim=pass header.i=@shop.example",
        f"{OURS} 1; dmarc = pass header.from = shop.example",
        f"{OURS};\n dkim=fail header.d=other.example;\n dmarc=pass header.from=shop.example",
    ],
)
def test_our_server_is_believed(results: str) -> None:
    """A passed DMARC, or a signature of the sender's own domain, by the server that is ours."""
    assert judged(results)


@pytest.mark.parametrize(
    "results",
    [
        "mx.evil.example; dmarc=pass header.from=shop.example",
        "dmarc=pass header.from=shop.example",
        f"{OURS}; dmarc=fail header.from=shop.example; dkim=pass header.d=shop.example",
        f"{OURS}; dmarc=pass header.from=evil.example",
        f"{OURS}; dkim=pass header.d=evil.example",
        f"{OURS}; spf=pass smtp.mailfrom=shop.example",
        f"{OURS}; none",
        f"{OURS}; dkim=none (dmarc=pass header.from=shop.example)",
        f'{OURS}; reason="; dmarc=pass header.from=shop.example"',
        f"{OURS}; dmarc=pass; dmarc=fail",
        "",
    ],
)
def test_anything_less_is_not_believed(results: str) -> None:
    """Others' results, results for another domain, and what only stands in comments or quotes."""
    assert not judged(results)


def test_results_below_ours_do_not_count() -> None:
    """An attacker can add results, but only below those that our server puts on top."""
    forged = f"{OURS}; dmarc=pass header.from=shop.example"
    assert not judged(f"{OURS}; dmarc=fail header.from=shop.example", forged)


def test_without_a_server_of_ours_nobody_is_believed() -> None:
    """No `authserv_id` is set: it fails closed."""
    assert not judged(f"{OURS}; dmarc=pass header.from=shop.example", server="")


def test_results_of_outlook_without_a_name_are_nobodys() -> None:
    """Some servers leave their name out; then nothing says whose results they are."""
    raw = b"Authentication-Results: spf=pass; dmarc=pass\nAuthentication-Results: mx.a; none\n\n"
    assert servers(parse(raw)) == ("mx.a",)
