"""What the values of our fields are called: `{{ member.relation | word("relation") }}`."""

from collections.abc import Mapping

from services.registration.desk.languages import Language, msgid, translate

WORDS: Mapping[str, Mapping[str, str]] = {
    "relation": {
        "head": msgid("Head of the family"),
        "spouse": msgid("Husband or wife"),
        "child": msgid("Child"),
        "parent": msgid("Mother or father"),
        "sibling": msgid("Brother or sister"),
        "grandchild": msgid("Grandchild"),
        "other": msgid("Other relative"),
    },
    "sex": {"female": msgid("Woman or girl"), "male": msgid("Man or boy")},
    "language": {
        "az": msgid("Azerbaijani"),
        "en": msgid("English"),
        "ru": msgid("Russian"),
    },
    "basis": {
        "consent": msgid("Consent"),
        "legal_obligation": msgid("Legal obligation"),
        "public_task": msgid("Public task"),
    },
    "decision": {
        "given": msgid("Allowed"),
        "withdrawn": msgid("Taken back"),
        "expired": msgid("Ended by itself"),
    },
    "channel": {
        "desk": msgid("At the desk"),
        "paper": msgid("On paper"),
        "phone": msgid("By phone"),
        "online": msgid("Online"),
    },
    "erasure_basis": {
        "consent_withdrawn": msgid("The consent was taken back"),
        "purpose_achieved": msgid("The purpose is achieved"),
        "unlawful_processing": msgid("The data were processed against the law"),
        "court_decision": msgid("A court decided so"),
    },
    "service": {
        "registration": msgid("Register of families"),
        "notifications": msgid("Notifications"),
    },
    "purpose": {
        "event_notifications": msgid("Messages about events"),
        "programme_statistics": msgid("Statistics of the programme"),
        "photographs": msgid("Photographs"),
    },
    "enrolment": {
        "confirmed": msgid("Has a seat"),
        "waitlisted": msgid("Waiting"),
        "cancelled": msgid("Cancelled"),
    },
    "event": {
        "published": msgid("Open"),
        "cancelled": msgid("Called off"),
        "completed": msgid("Over"),
    },
    "change": {
        "registered": msgid("Registered"),
        "corrected": msgid("Corrected"),
        "birth": msgid("A birth"),
        "death": msgid("A death"),
        "move": msgid("A move"),
        "new_head": msgid("A new head of the family"),
        "split": msgid("Some members left"),
        "split_off": msgid("Became a family of its own"),
        "join": msgid("Another family joined"),
        "joined": msgid("Went into another family"),
        "merge": msgid("Registered twice: made one"),
        "merged": msgid("Registered twice: closed"),
        "unmerge": msgid("Two registrations again"),
    },
    "field": {
        "given_name": msgid("Given name"),
        "family_name": msgid("Family name"),
        "patronymic": msgid("Patronymic"),
        "sex": msgid("Sex"),
        "birth_date": msgid("Date of birth"),
        "fin": msgid("FIN"),
        "phone": msgid("Phone"),
        "email": msgid("E-mail"),
        "language": msgid("Language of messages"),
        "relation": msgid("In the family"),
        "origin": msgid("Where they come from"),
        "residence": msgid("Where they live now"),
        "consent": msgid("Agreed to"),
    },
    "role": {
        "registrar": msgid("Registrar"),
        "organiser": msgid("Organiser"),
        "auditor": msgid("Auditor"),
        "operator": msgid("Operator"),
    },
}


def word(value: str | None, kind: str, language: Language) -> str:
    """Say a value; one that has no word stays as it is."""
    if value is None:
        return ""
    text = WORDS[kind].get(value)
    return value if text is None else translate(text, language)


def choices(kind: str, language: Language) -> list[tuple[str, str]]:
    """List the values of a kind with their words, for a form."""
    return [(value, translate(text, language)) for value, text in WORDS[kind].items()]
