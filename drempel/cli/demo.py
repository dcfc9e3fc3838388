"""`drempel demo`: a year of a synthetic region through the whole chain, on a clock that we move."""

from typing import Annotated

import typer


def demo(
    once: Annotated[bool, typer.Option("--once", help="end after the summary")] = False,
    port: Annotated[int | None, typer.Option(help="HTTP port; 0 takes a free one", min=0, max=65535)] = None,
    seed: Annotated[int, typer.Option(help="another seed, another region")] = 1,
    scale: Annotated[float, typer.Option(help="share of the region's inhabitants", min=0.001, max=1.0)] = 0.04,
    months: Annotated[int, typer.Option(help="months to play", min=1, max=36)] = 12,
) -> None:
    """Play the year, print the funnel and a timeline, and serve the pages until Ctrl-C."""
    raise typer.Exit(1)
