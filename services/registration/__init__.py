"""Registration: families, their seats at events, and who was there.

Owns the Postgres schema `registration`. Calls no other service; what it knows of events came
by queue.

Publishes, public:    family_registered, family_changed, enrolment_confirmed,
                      enrolment_waitlisted, enrolment_promoted, enrolment_changed,
                      enrolment_cancelled, attendance_recorded, persons_merged,
                      persons_unmerged, person_erased, audit_head_published
                      enrolment_cancelled, seats_offered, offer_ended,
                      attendance_recorded, audit_head_published
                      attendance_recorded, persons_merged,
                      persons_unmerged
Publishes, internal:  contact_changed, contact_erased
Consumes:             events.* (queue registration.events),
                      notifications.contact_unreachable, contact_erasure_confirmed
                      (queue registration.contacts)

    duplicates/  who was likely registered twice, as cases for a person to decide
    staff/       accounts, signing in and out, tokens, and OpenID Connect
    families/    households, their members, and consent; whose are within reach
    search/      one box: any spelling, FIN, phone, village or ticket, the best first
    family_changes/  birth, death, move, a new head, split and join
    history/     how each family was at any time, and what changed it
    merges/      two registrations made one, and two again
    enrolments/  seats at one event, cancelling
    waiting_list/  who is next by the published rule, offers, and why not sooner
    groups/      people split over discussion groups, evenly
    tickets/     the signed code of a family's seats, revoked and reissued
    check_ins/   the proof that a person was there; what offline desks bring later
    door/        the check-in page, which works without the network
    check_in_conflicts/  what of it a person has to settle
    walk_ins/    who comes without an enrolment
    attendance/  the list of who was there, printed
    paper/       PDF pages in every letter of the alphabets
    seats/       how full an event is
    calendar/    the local copy of events
    records/     all that is kept of one person, as a file
    imports/     lists of families, checked in a dry run, then written once
    exports/     any list as a file, by role, and written down
    desk/        the frame of the staff's pages: layout, languages, sign-in, forms
    erasures/    removing who a person was, and who confirmed it
    consents/    what a family allowed, per purpose, and its receipts
    dead_letters/  what could not be handled, of all services, for the operator
    audit/       who did or saw what: a chain that nobody edits (docs/audit.md)
"""
