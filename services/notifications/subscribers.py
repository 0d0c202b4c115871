"""Queue in: which messages this service reads and which handler each goes to."""

from services.notifications.calendar.handlers import (
    cancel_event,
    change_event,
    complete_event,
    publish_event,
)
from services.notifications.contacts.handlers import forget_contacts, remember_contacts
from services.notifications.enrolments.handlers import (
    cancel_enrolments,
    change_enrolments,
    confirm_enrolments,
    end_offers,
    offer_seats,
    promote_enrolments,
    put_on_waiting_list,
)
from shared.contracts.events import (
    EventCancelled,
    EventCompleted,
    EventPublished,
    EventRescheduled,
    EventUpdated,
)
from shared.contracts.registration import (
    ContactChanged,
    ContactErased,
    EnrolmentCancelled,
    EnrolmentChanged,
    EnrolmentConfirmed,
    EnrolmentPromoted,
    EnrolmentWaitlisted,
    OfferEnded,
    SeatsOffered,
)
from shared.messaging.inbox import Handlers, one_by_one
from shared.messaging.topology import Queue

ON_CONTACT: Handlers = {
    ContactChanged: remember_contacts,
    ContactErased: forget_contacts,
}
ON_EVENT: Handlers = {
    EventPublished: one_by_one(publish_event),
    EventUpdated: one_by_one(change_event),
    EventRescheduled: one_by_one(change_event),
    EventCancelled: one_by_one(cancel_event),
    EventCompleted: one_by_one(complete_event),
}
ON_ENROLMENT: Handlers = {
    EnrolmentConfirmed: confirm_enrolments,
    EnrolmentWaitlisted: put_on_waiting_list,
    EnrolmentPromoted: promote_enrolments,
    EnrolmentChanged: change_enrolments,
    EnrolmentCancelled: cancel_enrolments,
    SeatsOffered: offer_seats,
    OfferEnded: end_offers,
}

CONTACTS = Queue("notifications.contacts", tuple(ON_CONTACT))
EVENTS = Queue("notifications.events", tuple(ON_EVENT))
ENROLMENTS = Queue("notifications.enrolments", tuple(ON_ENROLMENT))

QUEUES = (CONTACTS, EVENTS, ENROLMENTS)
