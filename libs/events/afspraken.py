"""What a municipality agreed with itself and its partners, beside the rules of its policy document.

They stand under `afspraken` in the document, and travel with it in PolicyPublished; each service keeps the part it
needs. What a document leaves out is as the law, the convenant or the Divosa report has it.
"""

from libs.events.values import Value


class Koppelen(Value):
    """What matching does by itself, and what an official looks at."""


class Uitvoering(Value):
    """How outreach carries out a route."""


class Termijnen(Value):
    """The clocks that escalation keeps, and how long something may go without news."""


class Afspraken(Value):
    """One part per service."""

    koppelen: Koppelen = Koppelen()
    uitvoering: Uitvoering = Uitvoering()
    termijnen: Termijnen = Termijnen()
