"""What is logged while no command has set it up: a line each, without colours or locals.

structlog's own default draws a whole page for a traceback, which takes longer than most tests.
"""

import structlog


def plain_logs() -> None:
    """As it is between tests."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ]
    )
