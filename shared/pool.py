"""The pool of database connections, measured."""

import time

from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from shared.metrics import POOL_SIZE, POOL_TIMEOUTS, POOL_USED, POOL_WAIT


def measured_pool(service: str) -> type[AsyncAdaptedQueuePool]:
    """Make the class of a pool that measures how long its connections are waited for."""
    waits, timeouts = POOL_WAIT.labels(service), POOL_TIMEOUTS.labels(service)

    class MeasuredPool(AsyncAdaptedQueuePool):
        """The ordinary pool with a watch in its hand."""

        def _do_get(self) -> ConnectionPoolEntry:
            began = time.perf_counter()
            try:
                return super()._do_get()
            except PoolTimeoutError:
                timeouts.inc()
                raise
            finally:
                waits.observe(time.perf_counter() - began)

    return MeasuredPool


def measure_use(engine: AsyncEngine, service: str) -> None:
    """Let each scrape see how many connections of an engine's pool are in use."""
    used, size = POOL_USED.labels(service), POOL_SIZE.labels(service)
    used.set_function(lambda: _pool(engine).checkedout())
    size.set_function(lambda: _pool(engine).size())


def _pool(engine: AsyncEngine) -> AsyncAdaptedQueuePool:
    pool = engine.pool
    if not isinstance(pool, AsyncAdaptedQueuePool):
        raise TypeError(f"no measured pool: {type(pool).__name__}")
    return pool
