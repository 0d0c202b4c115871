"""What two or more services need: contracts, messaging, database, HTTP, auth, settings.

Holds no business rule, no route of a service and no setting of one service.
"""
