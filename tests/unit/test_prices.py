"""What calls cost."""

from decimal import Decimal

import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given
from hypothesis import strategies as st

from agents import prices, wire
from agents.model import Usage
from tests.fake_model import call

MILLION = 1_000_000
MODELS = ["claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"]


@pytest.mark.parametrize("model", MODELS)
def test_the_cache_is_priced_both_ways(model: str) -> None:
    """A token read from the cache is cheaper than a plain one, a token written there dearer."""
    read = prices.cost(Usage(cache_read=MILLION), model)
    plain = prices.cost(Usage(input=MILLION), model)
    written = prices.cost(Usage(cache_write=MILLION), model)
    assert 0 < read < plain < written


def test_a_call_costs_the_sum_of_its_parts() -> None:
    """Every kind of token is counted once."""
    usage = Usage(input=1_000, output=100, cache_read=50_000, cache_write=2_000)
    parts = (
        Usage(input=1_000),
        Usage(output=100),
        Usage(cache_read=50_000),
        Usage(cache_write=2_000),
    )
    model = "claude-sonnet-5-5"
    assert prices.cost(usage, model) == sum(prices.cost(part, model) for part in parts)


def test_a_dated_name_costs_what_its_model_costs() -> None:
    """Answers name the model with its date."""
    usage = Usage(input=1_000, output=100)
    dated = prices.cost(usage, "claude-haiku-4-5-20251001")
    assert dated == prices.cost(usage, "claude-haiku-4-5")


def test_an_unknown_answerer_costs_what_was_asked_for() -> None:
    """A name that the list does not know yet falls back on the model of the call."""
    usage = Usage(input=1_000, output=100)
    known = prices.cost(usage, "claude-opus-5-5")
    assert prices.cost(usage, "claude-unheard-of", "claude-opus-5-5") == known


def test_nobody_known_is_never_free_and_never_cheap() -> None:
    """With no known name at all, the dearest model on the list stands in."""
    usage = Usage(input=1_000, output=100, cache_write=1_000)
    stranger = prices.cost(usage, "claude-unheard-of", "else")
    provider = get_snapshot().find_provider(None, "anthropic", None)
    known = [prices.cost(usage, model.id) for model in provider.models]
    assert stranger == max(known)
    assert prices.cost(Usage(), "claude-unheard-of") == 0


def test_the_worst_case_holds_a_whole_answer_and_an_unused_cache() -> None:
    """It is dearer than any outcome: all input written to the cache, all output used."""
    asked = call("word " * 1_000)
    worst = wire.worst_case(asked)
    tokens = 1_000  # of the words; the rest of the request is on top
    real = Usage(cache_write=tokens, output=asked.max_tokens)
    assert prices.cost(real, asked.model) < worst < Decimal("0.01")


@given(st.text(max_size=400))
def test_tokens_are_never_underestimated(words: str) -> None:
    """No text has more tokens than bytes; digits, signs and other scripts count byte by byte."""
    body = wire.request(call(words)).body
    letters = sum(char.isascii() and (char.isalpha() or char == " ") for char in body.decode())
    assert prices.most_tokens(body) >= len(body) - letters + letters // 2 + prices.UNSEEN
