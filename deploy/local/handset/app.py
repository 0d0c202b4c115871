"""The handset's parts, put together."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from deploy.local.handset.behaviours import Behaviours
from deploy.local.handset.config import Settings
from deploy.local.handset.inbox import health_routes, inbox_routes
from deploy.local.handset.live import live_routes
from deploy.local.handset.mailboxes import Mailboxes
from deploy.local.handset.memory import Changes, Memory
from deploy.local.handset.pages import page_routes
from deploy.local.handset.receipts import Receipts
from deploy.local.handset.sms import SmsProvider
from shared import problems
from shared.http import NO_TELEMETRY


def make_app(settings: Settings, smtp: socket.socket, stopping: asyncio.Event) -> FastAPI:
    """Return the app; while it runs, e-mail is taken on `smtp` and receipts are sent."""
    changes = Changes()
    memory = Memory(changes)
    behaviours = Behaviours()
    receipts = Receipts(settings, memory)
    provider = SmsProvider(memory, behaviours, receipts, settings.answer_seconds)
    mailboxes = Mailboxes(memory, behaviours)
    running = asyncio.Event()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with mailboxes.listening(smtp), receipts.running():
            running.set()
            yield

    app = FastAPI(
        title="Handset", docs_url=None, redoc_url=None, lifespan=lifespan, telemetry=NO_TELEMETRY
    )
    problems.install(app)
    # First, because routes are tried in order and this one takes the load.
    app.include_router(provider.routes())
    app.include_router(inbox_routes(memory, behaviours))
    app.include_router(health_routes(running.is_set))
    app.include_router(live_routes(changes, stopping))
    app.include_router(page_routes(memory, behaviours))
    return app
