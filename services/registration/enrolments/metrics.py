"""What of enrolments is measured."""

from prometheus_client import Counter
from sqlalchemy.ext.asyncio import AsyncSession

from shared.metrics import when_committed
from shared.problems import Problem

ENROLMENTS = Counter(
    "qayidis_enrolments",
    "Enrolments by outcome: confirmed, waitlisted, refused (with the problem's name as the reason),"
    " and what became of them later: promoted, offered, cancelled.",
    ["outcome", "reason"],
)
for _outcome in ("confirmed", "waitlisted", "promoted", "offered", "cancelled"):
    ENROLMENTS.labels(_outcome, "")  # there from the start, as 0


def count(session: AsyncSession, outcome: str, many: int = 1) -> None:
    """Count enrolments once they are committed."""
    if many:
        when_committed(session, lambda: ENROLMENTS.labels(outcome, "").inc(many))


def count_refused(problem: Problem) -> None:
    """Count one that was refused; its transaction is rolled back."""
    ENROLMENTS.labels("refused", problem.slug).inc()
