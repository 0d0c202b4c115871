"""`POST /v1/families` with every guard on, against FastAPI and asyncpg with the same SQL."""

from itertools import islice

from tests.bench.figures import Figure, median
from tests.bench.ground import cpu_seconds
from tests.bench.load import CLIENTS, Call, numbered, registrar, saturate
from tests.bench.recording import record
from tests.bench.replaying import replaying
from tests.bench.sizes import sized
from tests.support.bodies import Body, Place, family, person, place
from tests.support.populace.households import Populace
from tests.support.populace.names import feminine
from tests.system import System

MEMBERS = 5
MANY = sized(300, 40)
ROUNDS = sized(3, 1)
WARM = sized(200, 60)

_DRAWN = Populace(20_263)
_MEN = [_DRAWN.given("male") for _ in range(40)]
_WOMEN = [_DRAWN.given("female") for _ in range(40)]
_NAMES = [_DRAWN.stem() for _ in range(WARM)]


def families(at: Place, many: int) -> list[Body]:
    """Make so many families of five, whose names the register has seen before."""
    pick = _DRAWN.chance.choice
    return [_one(at, pick(_NAMES), pick(_MEN), pick(_WOMEN)) for _ in range(many)]


def _warming(at: Place) -> list[Body]:
    """Make families that use up the names: one that is new to the search is learned only once."""
    several = [len(_NAMES) // len(each) + 1 for each in (_MEN, _WOMEN)]
    everyone = zip(_NAMES, _MEN * several[0], _WOMEN * several[1], strict=False)
    return [_one(at, *names) for names in everyone]


def _one(at: Place, name: str, man: str, woman: str) -> Body:
    head = person(
        given_name=man, family_name=name, patronymic=f"{man} oğlu", birth_date=_born(1950)
    )
    women = [
        person(
            given_name=_DRAWN.chance.choice(_WOMEN) if number > 1 else woman,
            family_name=feminine(name),
            patronymic=f"{man} qızı",
            sex="female",
            birth_date=_born(1980),
            phone=None,
        )
        for number in range(1, MEMBERS)
    ]
    return family(at, head, *women)


def _born(earliest: int) -> str:
    return str(_DRAWN.born(earliest, earliest + 30))


async def measure(system: System) -> Figure:
    """Register families by turns, here and there, and compare the medians."""
    at = place()
    url = f"{system.urls['registration']}/v1/families"
    process = system.processes.running("registration")
    assert process is not None
    bare, ours, spent = [], [], 0.0
    async with registrar(system) as client:
        await saturate(client, [Call(url, body) for body in _warming(at)])
        recorded = await record(system, "/v1/families", families(at, MANY * ROUNDS))
        with replaying(system, recorded) as bare_url:
            theirs = numbered(bare_url, [each.body for each in recorded])
            for _ in range(ROUNDS):
                bare.append(await saturate(client, list(islice(theirs, MANY))))
                calls = [Call(url, body) for body in families(at, MANY)]
                before = cpu_seconds(process.pid)
                ours.append(await saturate(client, calls))
                spent += cpu_seconds(process.pid) - before
    cost = spent / (MANY * ROUNDS) * 1000
    statements = len(recorded[-1].statements)
    return Figure(
        f"POST /v1/families, {MEMBERS} members, every guard, {CLIENTS} at once",
        f"{median(ours):,.0f}/s, {cost:.1f} CPU-ms each",
        f"bare FastAPI + asyncpg, the same {statements} statements: {median(bare):,.0f}/s",
        f"{median(ours) / median(bare):.2f}",
        "-",
        "one Python process: validation, sealing, SQLAlchemy, and the relay beside them",
    )
