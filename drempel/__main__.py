"""The command `drempel`; see `drempel --help` and docs/commands.md for exit statuses."""

from drempel.cli import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
