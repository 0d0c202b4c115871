"""Walk-ins: families who come without an enrolment, registered and checked in in one step."""
