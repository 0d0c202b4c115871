"""What whoever works at dead letters may meet: a broker or a database that is away."""

from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import SQLAlchemyError

from shared.messaging.publishing import BROKER_AWAY

SERVER_AWAY = (*BROKER_AWAY, PostgresError, InterfaceError, SQLAlchemyError)
"""What a call raises when a server is gone, or goes in the middle of it; the letters stay.

Of SQLAlchemy all, since an empty pool is no DBAPIError.
"""
