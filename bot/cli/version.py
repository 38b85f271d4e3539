"""Which version this is."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed


def version() -> str:
    """The version as installed; run from a checkout that is not, it has none."""
    try:
        return installed("watchkeeper")
    except PackageNotFoundError:
        return "(not installed)"
