"""What the deploy-side engine does not do: each command that needs a schema diff.

In: a `Case`. Out: nothing. Apart from `scenarios`, because on PostgreSQL these commands work.
"""

from __future__ import annotations

from .case import Case
from .table import Table

REFUSED = (
    ("migrate", "dev", "--name", "x"),
    ("migrate", "diff", "--from-empty", "--to-schema", "prisma/schema.prisma"),
    ("db", "push"),
    ("db", "pull"),
)

REFUSALS = Table()


@REFUSALS.add
def recusas(case: Case) -> None:
    """Cada comando que precisa comparar schemas é recusado, e nada muda."""
    for words in REFUSED:
        case.prisma(*words, exits=1)
    case.facts["tables"] = case.tables()
