"""Slack's translators on payloads that are broken."""

from tests.slack_fuzz import breakages, check


def test_nothing_breaks_and_nobody_is_taken_for_another() -> None:
    """No exception, no author who did not write; and enough of them are still messages."""
    heard = sum(check(body, translate) for body, translate in breakages(seed=1, count=5_000))
    assert heard > 500
