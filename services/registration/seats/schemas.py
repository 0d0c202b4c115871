"""HTTP bodies of seats."""

from pydantic import BaseModel


class DistrictSeats(BaseModel):
    """How many people of one district of origin have seats, or an offer of some."""

    district: str
    cap: int
    taken: int
    over: int


class Seats(BaseModel):
    """How full an event is, in people; the capacity is 0 when only its end was heard of.

    Left out where there is nothing to say: `offered`, who of those that wait has an offer; `over`,
    how many more are taken than there are seats, since the capacity was lowered; `districts`, those
    with a cap.
    """

    capacity: int
    confirmed: int
    waitlisted: int
    attended: int
    offered: int | None = None
    over: int | None = None
    districts: list[DistrictSeats] | None = None
