"""What every contract is: data, the routing key it travels under and the exchange it enters."""

import re
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

PUBLIC: Literal["qayidis.public"] = "qayidis.public"
"""The exchange that any system which was let in may read: never personal data."""

INTERNAL: Literal["qayidis.internal"] = "qayidis.internal"
"""The exchange of our three services: the only one that carries personal data."""

TYPE_PREFIX = "az.gov.idp."
SCHEMA_PREFIX = "urn:qayidis:schema:"

_ROUTING_KEY = r"[a-z]{1,30}\.[a-z_]{1,60}\.v[0-9]{1,3}"
_TYPE = re.compile(re.escape(TYPE_PREFIX) + _ROUTING_KEY)
_SCHEMA = re.compile(re.escape(SCHEMA_PREFIX) + _ROUTING_KEY)


def is_type(text: str) -> bool:
    """Tell whether a text is a type such as ours, known here or not: so nothing personal."""
    return _TYPE.fullmatch(text) is not None


def is_schema(text: str) -> bool:
    """Tell whether a text names a schema such as ours, known here or not."""
    return _SCHEMA.fullmatch(text) is not None


class Contract(BaseModel):
    """The `data` of one message; unknown fields are ignored, so a newer publisher is understood."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    routing_key: ClassVar[str]
    exchange: ClassVar[str] = PUBLIC
    expects_route: ClassVar[bool] = True
    """False where none of our services listens: no queue is then no failure."""

    @classmethod
    def type(cls) -> str:
        """The CloudEvents type."""
        return TYPE_PREFIX + cls.routing_key

    @classmethod
    def dataschema(cls) -> str:
        """The CloudEvents dataschema, the name of the committed JSON Schema."""
        return SCHEMA_PREFIX + cls.routing_key

    @classmethod
    def service(cls) -> str:
        """The service that publishes it."""
        return cls.routing_key.partition(".")[0]
