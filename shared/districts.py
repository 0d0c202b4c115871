"""Districts by ISO 3166-2 code."""

from functools import cache
from typing import Annotated

import pycountry
from pydantic import AfterValidator, WithJsonSchema


@cache
def known_districts() -> frozenset[str]:
    """The ISO 3166-2 codes of Azerbaijan's districts and cities."""
    districts = pycountry.subdivisions.get(country_code="AZ")  # type: ignore[no-untyped-call]
    return frozenset(place.code for place in districts or [])


def _known(code: str) -> str:
    if code not in known_districts():
        raise ValueError("must be an ISO 3166-2 code of Azerbaijan, like AZ-AGM")
    return code


District = Annotated[
    str,
    AfterValidator(_known),
    WithJsonSchema({"type": "string", "enum": sorted(known_districts())}),
]
