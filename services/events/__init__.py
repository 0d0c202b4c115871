"""Events: what the committee holds, from the first draft until it is over, and the calendar.

owns       Postgres schema `events`: events in every status
publishes  events.event_published.v1, event_updated.v1, event_rescheduled.v1,
           event_cancelled.v1, event_completed.v1 (public)
consumes   nothing: who takes part is the registration service's business
serves     /v1/events for organisers, public GET /v1/calendar

A draft is nobody's business yet: it may be half written, and nothing is told of it. Publishing
asks for all three languages; from then on every change raises `version` and tells one message.
"""
