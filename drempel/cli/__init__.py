"""Commands, one module each group. Exit status: 0 done, 1 found wrong, 2 wrong use, 3 no connection."""

import typer

from drempel.cli import (
    brp,
    delivery,
    demo,
    doctor,
    keys,
    migrate,
    nauwkeurigheid,
    parked,
    policy,
    running,
    termijnen,
    token,
    views,
)

app = typer.Typer(
    name="drempel", no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
    help="Drempel: from the first signal of payment arrears to the eviction, nobody out of sight.",
)  # fmt: skip

app.command("up")(running.up)
app.command("serve")(running.serve_one)
app.command("migrate")(migrate.migrate)
app.command("demo")(demo.demo)
app.command("load")(delivery.load)
app.command("token")(token.token)
app.command("timeline")(views.timeline)
app.command("verify")(views.verify)
app.command("rebuild")(views.rebuild)
app.command("termijnen")(termijnen.termijnen)
app.command("doctor")(doctor.doctor)
app.command("brp")(brp.brp)
app.command("matching-report")(nauwkeurigheid.matching_report)
app.command("matching-sample")(nauwkeurigheid.matching_sample)
app.add_typer(parked.app, name="parked")
app.add_typer(policy.app, name="policy")
app.add_typer(keys.app, name="keys")
