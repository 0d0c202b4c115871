"""The handset: every phone and mailbox of a local run, in one process and in memory.

Speaks   the SMS provider's API (`POST /messages`) and SMTP (any recipient)
Sends    signed delivery receipts to notifications
Shows    `/`: what each phone and mailbox received, in order, live
Tells    `GET /inbox`, `GET /messages/{id}`: the same for tests and the demo
Misbehaves on request: `PUT /behaviours/{number}`

Start it with `python -m deploy.local.handset`. Local runs, demos and load tests only: it
forgets everything when it stops.
"""
