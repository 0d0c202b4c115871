"""The composition root of the registration service."""

from datetime import timedelta
from functools import partial

from fastapi import FastAPI

from services.registration.attendance import api as attendance
from services.registration.attendance import pages as attendance_pages
from services.registration.audit import api as audit
from services.registration.audit import pages as audit_pages
from services.registration.audit.notary import keep_chain
from services.registration.check_in_conflicts import api as check_in_conflicts
from services.registration.check_ins import api as check_ins
from services.registration.config import Settings
from services.registration.consents import api as consents
from services.registration.consents import pages as consent_pages
from services.registration.consents.expiring import expire_for_ever
from services.registration.dead_letters import consoles
from services.registration.dead_letters import pages as dead_letter_pages
from services.registration.dead_letters.auditing import audit_dead_letters
from services.registration.dead_letters.waiting import Waiting
from services.registration.desk import assets
from services.registration.desk import pages as desk
from services.registration.desk.options import Options, install
from services.registration.door import api as door
from services.registration.door import pages as door_pages
from services.registration.duplicates import api as duplicates
from services.registration.duplicates import pages as duplicate_pages
from services.registration.duplicates.comparing import compare_for_ever
from services.registration.enrolments import api as enrolments
from services.registration.enrolments import pages as enrolment_pages
from services.registration.erasures import api as erasures
from services.registration.erasures import pages as erasure_pages
from services.registration.erasures.sweeping import sweep_for_ever
from services.registration.exports import api as exports
from services.registration.exports.sending import Slots
from services.registration.families import api as families
from services.registration.families import pages as family_pages
from services.registration.family_changes import api as family_changes
from services.registration.family_changes import pages as family_change_pages
from services.registration.groups import api as groups
from services.registration.groups import pages as group_pages
from services.registration.history import api as history
from services.registration.history import pages as history_pages
from services.registration.imports import api as imports
from services.registration.imports import pages as import_pages
from services.registration.imports.worker import Worker
from services.registration.merges import api as merges
from services.registration.merges import pages as merge_pages
from services.registration.records import api as records
from services.registration.records import pages as record_pages
from services.registration.search import api as search
from services.registration.seats import api as seats
from services.registration.seats import pages as event_pages
from services.registration.seats.live import SeatBoard
from services.registration.staff import (
    account_change_pages,
    account_pages,
    means,
    password_pages,
    sign_in_api,
)
from services.registration.staff import api as staff
from services.registration.staff import pages as staff_pages
from services.registration.staff.doors import confirm_session
from services.registration.staff.tokens import TokenIssuer
from services.registration.subscribers import CONTACTS, EVENTS, ON_CONTACTS, ON_EVENTS
from services.registration.tickets import api as tickets
from services.registration.tickets import pages as ticket_pages
from services.registration.tickets.keys import TicketKeys
from services.registration.waiting_list import api as waiting_list
from services.registration.waiting_list import pages as waiting_list_pages
from services.registration.waiting_list.expiry import pass_on_for_ever
from services.registration.walk_ins import api as walk_ins
from shared.messaging.dead_letters.api import dead_letters_router
from shared.sealing import Sealer
from shared.service import Service, serve
from shared.settings import load, part


def create_app(settings: Settings) -> FastAPI:
    """Wire the service: database, broker, relay, queues and routes."""
    lifetime = timedelta(minutes=settings.staff_token_minutes)
    service = Service(
        "registration",
        settings,
        sealer=part(settings, "sealing_keys_file", Sealer.from_file),
    )
    issuer = part(settings, "staff_key_file", partial(TokenIssuer.from_file, lifetime=lifetime))
    service.carry(means.KEY, means.Means(settings.staff_limits(), signer=issuer))
    service.carry("ticket_keys", part(settings, "ticket_key_file", TicketKeys.from_file))
    service.consume(EVENTS, ON_EVENTS)
    service.consume(CONTACTS, ON_CONTACTS)
    service.loop("notary", partial(keep_chain, service.sessions, settings.audit_seal_seconds))
    worker = Worker(service.sessions, settings.import_limits())
    service.loop("imports: dry runs", worker.check)
    service.loop("imports: writing", worker.write)
    service.loop("imports: forgetting", worker.forget)
    service.loop(
        "erasures", partial(sweep_for_ever, service.sessions, settings.erasure_sweep_seconds)
    )
    service.loop(
        "consents", partial(expire_for_ever, service.sessions, settings.consent_expiry_seconds)
    )
    service.loop("offers", partial(pass_on_for_ever, service.sessions, settings.offer_poll_seconds))
    service.loop(
        "duplicates",
        partial(
            compare_for_ever,
            service.sessions,
            batch=settings.duplicates_batch,
            poll_seconds=settings.duplicates_poll_seconds,
        ),
    )
    dead_letters = service.office(audit_dead_letters)
    app = service.app(
        title="Qayıdış: registration",
        description="Families, their seats at events, and who was there.",
        routers=[
            families.router,
            search.router,
            duplicates.router,
            history.router,
            family_changes.router,
            merges.router,
            enrolments.router,
            waiting_list.router,
            groups.router,
            seats.router,
            check_ins.router,
            check_in_conflicts.router,
            tickets.router,
            door.router,
            walk_ins.router,
            attendance.router,
            audit.router,
            consents.router,
            erasures.router,
            records.router,
            exports.router,
            imports.uploads,
            imports.router,
            import_pages.uploads,
            import_pages.router,
            dead_letters_router(dead_letters),
            sign_in_api.in_transaction,
            sign_in_api.router,
            staff.router,
            # Pages
            assets.router,
            desk.router,
            duplicate_pages.router,
            family_pages.router,
            history_pages.router,
            consent_pages.router,
            record_pages.router,
            erasure_pages.router,
            merge_pages.router,
            family_change_pages.router,
            event_pages.router,
            audit_pages.router,
            dead_letter_pages.router,
            enrolment_pages.router,
            waiting_list_pages.router,
            group_pages.router,
            door_pages.router,
            ticket_pages.router,
            attendance_pages.router,
            staff_pages.router,
            account_pages.router,
            account_change_pages.router,
            password_pages.router,
        ],
        body_limits=dict.fromkeys(
            (imports.PATH, import_pages.UPLOAD_PATH), settings.import_body_limit
        ),
    )
    app.state.confirm = confirm_session
    app.state.seat_board = SeatBoard(service.sessions, settings.live_limits())
    app.state.export_slots = Slots(settings.export_limits())
    app.state.oidc = settings.oidc_client()
    consoles.install(
        app,
        consoles.Consoles(
            dead_letters, settings.console_urls(), Waiting(settings.console_patience())
        ),
    )
    install(app, Options(settings.public_url, secure_cookies=settings.secure_cookies))
    return app


def run() -> None:
    """Run the service until it is told to stop."""
    settings = load(Settings)
    serve("registration", settings, lambda: create_app(settings))
