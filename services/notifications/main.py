"""The composition root: settings to engine, broker, relay, consumers, courier and app."""

import asyncio
from functools import partial

from fastapi import FastAPI

from services.notifications.channels.email import EmailChannel
from services.notifications.channels.sms import SmsChannel
from services.notifications.config import Settings
from services.notifications.contacts.dead_letters import forget_erased
from services.notifications.deliveries import api
from services.notifications.deliveries.courier import Courier, CourierLimits
from services.notifications.deliveries.metrics import refresh_notification_gauges
from services.notifications.deliveries.notices import tell_owed
from services.notifications.deliveries.outcomes import Patience
from services.notifications.deliveries.wake_up import WakeUp
from services.notifications.subscribers import (
    CONTACTS,
    ENROLMENTS,
    EVENTS,
    ON_CONTACT,
    ON_ENROLMENT,
    ON_EVENT,
)
from shared.messaging.dead_letters.api import dead_letters_router
from shared.sealing import Sealer
from shared.service import Service, serve
from shared.settings import load, part

NAME = "notifications"


def create_app(settings: Settings) -> FastAPI:
    """Wire the service."""
    service = Service(NAME, settings, sealer=part(settings, "sealing_keys_file", Sealer.from_file))
    service.consume(CONTACTS, ON_CONTACT)
    service.consume(EVENTS, ON_EVENT)
    service.consume(ENROLMENTS, ON_ENROLMENT)
    _deliver(service, settings)
    service.refresh("notifications", partial(refresh_notification_gauges, service.sessions))
    app = service.app(
        title="Qayıdış notifications",
        description="Tells each person, in their language, what concerns them.",
        routers=[api.router, dead_letters_router(service.office(forget_erased))],
    )
    app.state.receipt_secrets = {
        settings.sms_provider: settings.sms_receipt_secret.get_secret_value()
    }
    return app


def _deliver(service: Service, settings: Settings) -> None:
    wake_up = WakeUp(settings.database_url.get_secret_value())
    courier = Courier(
        sessions=service.sessions,
        channels={
            "sms": SmsChannel(
                settings.sms_url,
                sender=settings.sms_from,
                connect_seconds=settings.sms_connect_seconds,
                answer_seconds=settings.sms_answer_seconds,
                connections=settings.deliveries_in_flight,
            ),
            "email": EmailChannel(
                settings.smtp_url, sender=settings.smtp_from, seconds=settings.smtp_seconds
            ),
        },
        wake_up=wake_up,
        limits=CourierLimits(
            in_flight=settings.deliveries_in_flight,
            lease=settings.delivery_lease_seconds,
            poll=settings.delivery_poll_seconds,
        ),
        patience=Patience(
            attempts=settings.delivery_attempts,
            backoff_first=settings.delivery_backoff_first_seconds,
            backoff_last=settings.delivery_backoff_last_seconds,
        ),
    )

    async def tell_what_is_owed() -> None:
        while True:
            async with service.sessions.begin() as session:
                told = await tell_owed(session, limit=500)
            if not told:
                await asyncio.sleep(settings.delivery_poll_seconds)

    service.loop("wake-up", wake_up.listen)
    service.loop("deliveries", courier.deliver)
    service.loop("outcomes", courier.record)
    service.loop("lost deliveries", courier.give_up_lost)
    service.loop("owed notices", tell_what_is_owed)


def run() -> None:
    """Run the service until it is told to stop."""
    settings = load(Settings)
    serve(NAME, settings, lambda: create_app(settings))
