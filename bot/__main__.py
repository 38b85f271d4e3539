"""The door: `watchkeeper COMMAND` and `python -m bot COMMAND`."""

import sys

from bot.cli.app import run_command


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    sys.exit(run_command(sys.argv[1:]))


if __name__ == "__main__":
    main()
