"""Slack's translators on very many payloads that are broken."""

import pytest

from tests.slack_fuzz import breakages, check


@pytest.mark.timeout(0)
def test_fifty_thousand_payloads() -> None:
    """No exception, and none becomes a message of another author."""
    heard = sum(check(body, translate) for body, translate in breakages(seed=2, count=50_000))
    assert heard > 5_000
