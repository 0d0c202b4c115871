"""Which failures pass by themselves."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

_RETRY_SQLSTATES = ("40001", "40P01", "55P03", "57014", "53300", "25006")
"""Serialization failure, deadlock, lock or statement time-out, too many connections, read-only."""


def is_transient(failure: BaseException) -> bool:
    """Tell whether the servers failed and not the message: then it is tried without a bound."""
    if isinstance(failure, OSError | TimeoutError | InterfaceError):
        return True
    if not isinstance(failure, DBAPIError):
        return False
    sqlstate = getattr(failure.orig, "sqlstate", None) or ""
    return (
        failure.connection_invalidated
        or sqlstate in _RETRY_SQLSTATES
        or sqlstate.startswith(("08", "57P"))
        or (isinstance(failure, OperationalError) and not sqlstate)
    )
