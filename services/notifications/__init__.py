"""Notifications: tells each person, in their language, what concerns them.

owns       Postgres schema `notifications`: contacts, events and enrolments as far as texts need
           them (all learned from the queue), notifications, attempts
publishes  notifications.contact_unreachable.v1, contact_erasure_confirmed.v1 (internal)
consumes   notifications.contacts    registration.contact_changed.v1, contact_erased.v1
           notifications.events      events.event_*.v1
           notifications.enrolments  registration.enrolment_*.v1, seats_offered.v1,
                                     offer_ended.v1
serves     GET /v1/notifications, POST /v1/receipts/{provider}, /v1/dead-letters
calls      the SMS provider over HTTP, the mail server over SMTP

A notification is pending when its row is committed; the courier claims it, writes the attempt
down, and only then calls the provider. What it cannot know stays `unknown`.
"""
