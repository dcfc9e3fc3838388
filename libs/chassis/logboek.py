"""Logboek Dataverwerkingen: every read of personal data leaves a line, or the read is refused.

The lines are written in the transaction of the read, before anything leaves, in a table of the service:
not through the tracing exporter, which samples and may lose. A line names a processing activity, a
pseudonymous data subject and the kind of client, no identity of a person who acted.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from opentelemetry import trace

from libs.events.postgres.log import Connection


async def record(
    conn: Connection, schema: str, verwerking: str, betrokkenen: Iterable[UUID], *, door: str, begin: datetime
) -> None:
    """One line per data subject; `verwerking` is the activity's name in the register, `door` the role or consumer."""
    subjects = list(dict.fromkeys(betrokkenen))
    if not subjects:
        return
    trace_id = f"{trace.get_current_span().get_span_context().trace_id:032x}"
    await conn.execute(
        f"""INSERT INTO {schema}.logboek (trace_id, verwerking, betrokkene, door, begin_op)
            SELECT $1, $2, b, $4, $5 FROM unnest($3::uuid[]) AS b""",
        trace_id, verwerking, subjects, door, begin,
    )  # fmt: skip
