"""The command `drempel`; see `drempel --help` and docs/commands.md for exit statuses."""

from logging import WARNING

from drempel.cli import app
from libs.chassis import logging


def main() -> None:
    """Run the command line. What goes wrong is logged on standard error: standard output is for results alone."""
    logging.set_up(level=WARNING)
    app()


if __name__ == "__main__":
    main()
