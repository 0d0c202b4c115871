"""A loop goes on after whatever failed in it, and ends when it is asked to."""

import asyncio

import pytest

from shared.loops import Loop, running


async def test_a_wait_that_somebody_else_cancelled_is_a_failure_like_others() -> None:
    worked = asyncio.Queue[int]()
    turn = 0

    async def work() -> None:
        nonlocal turn
        turn += 1
        worked.put_nowait(turn)
        answer = asyncio.get_running_loop().create_future()
        # As aiormq does with what waits on a connection that went silent.
        answer.cancel()
        await answer

    async with running({"work": (loop := Loop("work", work))}):
        assert [await asyncio.wait_for(worked.get(), 5) for _ in range(2)] == [1, 2]
        while await loop.check() is None:
            await asyncio.sleep(0.01)
        assert "CancelledError" in (await loop.check() or "")


async def test_a_loop_that_is_asked_to_end_ends() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(Loop("work", work).run())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
