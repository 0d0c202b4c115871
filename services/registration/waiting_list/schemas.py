"""HTTP bodies of the waiting list."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.registration.waiting_list.domain import Cause, Reason
from shared.text import Paragraph


class SeatDecision(BaseModel):
    """Why a family is seated out of order, or over its district's cap."""

    model_config = ConfigDict(extra="forbid")

    reason: Paragraph


class Decision(BaseModel):
    """Why a family was seated or not when the list was walked.

    `cause` made the list be walked; there were `free` seats when it was this family's turn, which
    needed `needed`; `sentence` says it in words.
    """

    at: datetime
    cause: Cause
    reason: Reason
    free: int
    needed: int
    sentence: str
