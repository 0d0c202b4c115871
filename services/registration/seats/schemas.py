"""HTTP bodies of seats."""

from pydantic import BaseModel


class Seats(BaseModel):
    """How full an event is, in people; the capacity is 0 when only its end was heard of."""

    capacity: int
    confirmed: int
    waitlisted: int
    attended: int
