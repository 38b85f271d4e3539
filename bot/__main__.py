"""The door: `watchkeeper COMMAND` and `python -m bot COMMAND`."""

import gc
import sys


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    # What is imported stays: looking through it for garbage takes a sixth of a start. On again
    # once the command is there.
    gc.disable()
    from bot.cli.app import run_command  # noqa: PLC0415

    sys.exit(run_command(sys.argv[1:]))


if __name__ == "__main__":
    main()
