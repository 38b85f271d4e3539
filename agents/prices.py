"""What a call costs, by a price list that comes with the program: no network.

All sums are US dollars. Cache writes are those of the five-minute cache.
"""

from decimal import Decimal
from string import ascii_letters

import genai_prices

from agents.model import Usage

DEAREST = "claude-opus-4-1"
"""Whoever is not on the list is charged like this one, so that a cap errs on the safe side."""

UNSEEN = 1_000
"""Tokens that a provider may add to a request: its own words on tools and on the format."""

_CHEAP = f"{ascii_letters} ".encode()


def cost(usage: Usage, *models: str) -> Decimal:
    """The price of `usage` by the first of `models` that the list knows, else by the dearest."""
    for model in models:
        try:
            return _price(usage, model)
        except LookupError:
            continue
    return _price(usage, DEAREST)


def ceiling(model: str, body: bytes, max_tokens: int) -> Decimal:
    """The most that a request with this body can cost: nothing cached, all of it written."""
    tokens = most_tokens(body)
    written = Usage(cache_write=tokens, output=max_tokens)
    plain = Usage(input=tokens, output=max_tokens)
    return max(cost(written, model), cost(plain, model))


def most_tokens(body: bytes) -> int:
    """More input tokens than a request with this body has, without its tokenizer.

    Letters and spaces come at least two to a token; a digit, a sign or a byte of another script
    may be one by itself.
    """
    dear = len(body.translate(None, _CHEAP))
    return dear + -(-(len(body) - dear) // 2) + UNSEEN


def _price(usage: Usage, model: str) -> Decimal:
    counted = genai_prices.Usage(
        input_tokens=usage.input + usage.cache_read + usage.cache_write,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        output_tokens=usage.output,
    )
    return genai_prices.calc_price(counted, model, provider_id="anthropic").total_price
