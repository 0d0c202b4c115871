"""What must be true afterwards, rule by rule; each names every breach it finds."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.faults.evidence import Evidence
from tests.faults.ledger import Acknowledged
from tests.faults.witness import gaps, out_of_order
from tests.support.bodies import Body

_TOLD_AT_ONCE = {"confirmed": "confirmation", "waitlisted": "waiting"}
Told = dict[str, dict[UUID, set[str]]]
"""The ids of the messages heard, by kind and subject."""

_BAKU = ZoneInfo("Asia/Baku")


@dataclass
class Verdict:
    """Every breach by its rule, and the texts in doubt."""

    breaches: dict[str, list[str]] = field(default_factory=dict)
    in_doubt: int = 0
    settled_by_receipt: int = 0
    doubled_in_doubt: int = 0
    """Texts that a phone got twice, and the record says that nobody could know."""

    @property
    def clean(self) -> bool:
        """Whether every rule was kept."""
        return not any(self.breaches.values())

    def count(self, rule: str) -> int:
        """How often a rule was broken."""
        return len(self.breaches[rule])


def judge(evidence: Evidence, left: Sequence[str]) -> Verdict:
    """Hold everything that was found against the ledger."""
    verdict = Verdict({name: list(rule(evidence)) for name, rule in RULES.items()})
    verdict.breaches["stuck"] += left
    verdict.in_doubt = len(evidence.doubted)
    status = {each["id"]: each["status"] for each in evidence.all_notifications}
    verdict.settled_by_receipt = sum(
        status.get(id_) in {"delivered", "failed"} for id_ in evidence.doubted
    )
    verdict.doubled_in_doubt = sum(
        len(text.taken) > 1 and id_ in evidence.doubted
        for id_, text in evidence.provider.texts.items()
    )
    return verdict


def lost_facts(on: Evidence) -> Iterator[str]:
    """What was acknowledged is there, and another ministry heard of it."""
    heard = _heard(on)
    for id_ in on.ledger.families:
        if id_ not in heard["registration.family_registered.v1"]:
            yield f"family {id_} was never told of"
        if id_ not in on.families and id_ not in on.ledger.erased:
            yield f"family {id_} is not there"
    yield from _lost_enrolments(on, heard)
    yield from _lost_events(on, heard)
    yield from _lost_arrivals(on)
    told = _told_seats(on)
    for id_, seats in on.seats.items():
        if told[id_] != seats["confirmed"]:
            yield f"event {id_}: {seats['confirmed']} confirmed, told of {told[id_]}"
    for id_ in on.unconfirmed_erasures:
        yield f"the erasure of family {id_} was never confirmed"


def _lost_enrolments(on: Evidence, heard: Told) -> Iterator[str]:
    for id_, enrolment in on.ledger.enrolments.items():
        kind = "confirmed" if enrolment.body["status"] == "confirmed" else "waitlisted"
        if id_ not in on.enrolments:
            yield f"enrolment {id_} is not there"
        if id_ not in heard[f"registration.enrolment_{kind}.v1"]:
            yield f"enrolment {id_} was never told of"
    for id_ in on.ledger.cancelled:
        if on.enrolments.get(id_, {}).get("status") != "cancelled":
            yield f"enrolment {id_} is not cancelled"
        if id_ not in heard["registration.enrolment_cancelled.v1"]:
            yield f"cancellation {id_} was never told of"


def _lost_events(on: Evidence, heard: Told) -> Iterator[str]:
    for id_ in on.ledger.events:
        if id_ not in heard["events.event_published.v1"]:
            yield f"event {id_} was never told of"
        if on.events.get(id_, {}).get("status") != "published":
            yield f"event {id_} is not published"
        if id_ not in on.seats:
            yield f"registration never heard of event {id_}"
    for id_, moves in on.ledger.moves.items():
        times = len(heard["events.event_rescheduled.v1"][id_])
        if times < len(moves):
            yield f"event {id_} moved {len(moves)} times, told {times} times"
        if _moment(on.events.get(id_, {})) != _moment(_newest(moves)):
            yield f"event {id_} is not at the time that it was moved to last"


def _lost_arrivals(on: Evidence) -> Iterator[str]:
    told: dict[UUID, set[UUID]] = defaultdict(set)
    for each in on.heard:
        if each.kind == "registration.attendance_recorded.v1":
            told[UUID(each.data["event_id"])] |= set(map(UUID, each.data["person_ids"]))
    came: dict[UUID, set[UUID]] = defaultdict(set)
    for arrival in on.ledger.arrivals:
        if not arrival.person_ids <= told[arrival.event_id]:
            yield f"the check-in of {sorted(arrival.person_ids)} was never told of"
        if arrival.family_id not in on.ledger.erased:
            came[arrival.event_id] |= arrival.person_ids
    for event_id, persons in came.items():
        attended = on.seats.get(event_id, {}).get("attended", 0)
        if attended < len(persons):
            yield f"event {event_id}: {len(persons)} were checked in, {attended} attended"


def lost_texts(on: Evidence) -> Iterator[str]:
    """Everyone was told of what concerns them, or the record says why not."""
    kinds = {key: Counter(each["kind"] for each in some) for key, some in on.notifications.items()}
    for enrolment in on.ledger.enrolments.values():
        event_id, family_id = UUID(enrolment.body["event_id"]), UUID(enrolment.body["family_id"])
        if family_id in on.ledger.erased:
            continue
        told = kinds.get((event_id, family_id), Counter())
        at_once = _TOLD_AT_ONCE[enrolment.body["status"]]
        # Who is promoted or gives up before the first word left hears of the newest alone.
        wanted = [] if told["promotion"] or told["cancelled"] else [at_once]
        cancelled = on.ledger.cancelled.get(enrolment.id)
        if cancelled:
            wanted.append("cancelled")
        moves = on.ledger.moves.get(event_id, [])
        if moves and not cancelled and not _knows_time(on, event_id, family_id, moves):
            yield f"family {family_id} was not told of the new time of event {event_id}"
        for kind in wanted:
            if not told[kind]:
                yield f"no {kind} for family {family_id} at event {event_id}"
    for each in on.heard:
        if each.kind == "registration.enrolment_promoted.v1":
            key = UUID(each.data["event_id"]), UUID(each.data["family_id"])
            if key[1] not in on.ledger.erased and not kinds.get(key, Counter())["promotion"]:
                yield f"no promotion for family {key[1]} at event {key[0]}"
    for event_id in on.ledger.inviting:
        for family_id in on.ledger.invited - on.ledger.erased.keys():
            knew = on.ledger.families[family_id].answered < on.ledger.events[event_id].begun
            if knew and not kinds.get((event_id, family_id), Counter())["invitation"]:
                yield f"no invitation for family {family_id} to event {event_id}"
    yield from _not_there(on)


def _knows_time(
    on: Evidence, event_id: UUID, family_id: UUID, moves: Sequence[Acknowledged]
) -> bool:
    starts_at = _moment(_newest(moves)).astimezone(_BAKU)
    texts = on.notifications.get((event_id, family_id), [])
    return any(f"{starts_at:%H:%M}" in (each["text"] or "") for each in texts)


def _newest(moves: Sequence[Acknowledged]) -> Body:
    return max(moves, key=lambda move: int(move.body["version"])).body


def _moment(event: Body) -> datetime:
    return datetime.fromisoformat(event.get("starts_at", "1970-01-01T00:00:00+00:00"))


def _not_there(on: Evidence) -> Iterator[str]:
    for each in on.all_notifications:
        text = on.provider.texts.get(each["id"])
        if each["status"] in {"sent", "delivered"} and not (text and text.taken):
            yield f"{each['kind']} {each['id']} is called {each['status']}; no phone has it"
        if each["status"] == "failed" and (text is None or text.receipt != "failed"):
            yield f"{each['kind']} {each['id']} failed: {each['reason']}"


def doubled_facts(on: Evidence) -> Iterator[str]:
    """Nothing was made, or told of, twice; an id never has two contents."""
    for id_ in on.changed:
        yield f"message {id_} came with two contents"
    facts = Counter((each.kind, each.subject, each.version) for each in on.heard)
    for (kind, subject, version), many in facts.items():
        if many > 1:
            yield f"{kind} {subject} v{version} was told by {many} messages"
    for twice in on.ledger.answered_twice:
        yield f"{twice} was acknowledged for two calls"
    for unknown in set(on.enrolments) - set(on.ledger.enrolments):
        yield f"enrolment {unknown} is there, and nobody was told so"


def doubled_texts(on: Evidence) -> Iterator[str]:
    """No phone got a text twice, but where the record says that nobody could know."""
    known = {each["id"] for each in on.all_notifications}
    forgotten = {on.ledger.phone_of(family_id) for family_id in on.ledger.erased}
    same: dict[tuple[str, str], list[str]] = defaultdict(list)
    for id_, text in on.provider.texts.items():
        if len(text.taken) > 1 and id_ not in on.doubted:
            yield f"text {id_} was taken {len(text.taken)} times, and never in doubt"
        if text.taken:
            same[text.to, text.text].append(id_)
            if id_ not in known and text.to not in forgotten:
                yield f"text {id_} left, and nothing tells of it"
    for (_, words), ids in same.items():
        if len(ids) > 1:
            yield f"one text under {len(ids)} ids: {ids}, {words!r}"


def disorder(on: Evidence) -> Iterator[str]:
    """Of each subject, no message came behind a later one."""
    yield from out_of_order(list(on.heard))


def number_gaps(on: Evidence) -> Iterator[str]:
    """Of each type, the numbers heard are 1, 2, 3 … to the last."""
    yield from gaps(list(on.heard))


def oversold(on: Evidence) -> Iterator[str]:
    """No event has more people with seats than seats, as it says and as was told of it."""
    told = _told_seats(on)
    for id_, seats in on.seats.items():
        capacity = on.ledger.events[id_].body["capacity"]
        if seats["confirmed"] > capacity:
            yield f"event {id_}: {seats['confirmed']} confirmed of {capacity}"
        if told[id_] > capacity:
            yield f"event {id_}: told of {told[id_]} confirmed of {capacity}"


def _told_seats(on: Evidence) -> Counter[UUID]:
    newest: dict[UUID, tuple[int, UUID, int]] = {}
    for each in on.heard:
        name = each.kind.split(".")[1]
        if name.startswith("enrolment_"):
            seated = name in {"enrolment_confirmed", "enrolment_promoted"}
            if name == "enrolment_changed":
                seated = each.data["status"] == "confirmed"
            known = newest.get(each.subject)
            if known is None or known[0] < each.version:
                seats = each.data["seats"] if seated else 0
                newest[each.subject] = (each.version, UUID(each.data["event_id"]), seats)
    told: Counter[UUID] = Counter()
    for _, event_id, seats in newest.values():
        told[event_id] += seats
    return told


def parked(on: Evidence) -> Iterator[str]:
    """Nothing lies in a dead letter queue."""
    for name, many in on.dead.items():
        yield f"{many} messages in {name}"


def stuck(on: Evidence) -> Iterator[str]:
    """Every text that left came to an end, and only a reminder waits for its day."""
    for each in on.all_notifications:
        text = on.provider.texts.get(each["id"])
        if each["status"] == "held" and each["kind"] != "reminder":
            yield f"{each['kind']} {each['id']} is held"
        if each["status"] == "sent" and text is not None and text.receipt is not None:
            yield f"{each['kind']} {each['id']} is sent; its receipt was taken"
        if each["status"] == "unknown" and text is not None and text.receipt is not None:
            yield f"{each['kind']} {each['id']} is unknown; its receipt was taken"


Rule = Callable[[Evidence], Iterator[str]]

RULES: Mapping[str, Rule] = {
    "lost facts": lost_facts,
    "lost texts": lost_texts,
    "doubled facts": doubled_facts,
    "doubled texts": doubled_texts,
    "out of order": disorder,
    "gaps in sequence": number_gaps,
    "seats oversold": oversold,
    "parked": parked,
    "stuck": stuck,
}


def _heard(on: Evidence) -> Told:
    heard: Told = defaultdict(lambda: defaultdict(set))
    for each in on.heard:
        heard[each.kind][each.subject].add(each.id)
    return heard
