"""Staff bound to a district, at the other services with the token of their sign-in."""

from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.support import bodies
from tests.support.bodies import Place
from tests.support.desk import Desk, answered
from tests.support.waiting import eventually
from tests.system import System


async def test_notifications_to_other_districts_are_not_listed(desk: Desk, system: System) -> None:
    mine, from_here, away = (
        Place("AZ-AGM", "AZ-BAR"),
        Place("AZ-BAR", "AZ-AGM"),
        Place("AZ-LAC", "AZ-SMI"),
    )
    families = [await desk.register(bodies.household(at, 1)) for at in (mine, from_here, away)]
    event = await desk.publish(bodies.event(mine, audience={"origins": [], "residences": []}))
    for family in families:
        await desk.enrol(event["id"], family)
    async with Accounts.of(system) as staff:
        account = await staff.add("registrar", district="AZ-BAR")
    credentials = {"login": account.staff.login, "password": PASSWORD}
    signed_in = await answered(system.client("registration").post("/v1/sign-in", json=credentials))
    bound = system.client("notifications")
    bound.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
    everywhere = system.client("notifications", "registrar")

    async def look() -> None:
        params = {"event_id": event["id"], "limit": 200}
        everyone, some = [
            {
                each["family_id"]
                for each in (await answered(client.get("/v1/notifications", params=params)))[
                    "items"
                ]
            }
            for client in (everywhere, bound)
        ]
        assert everyone >= {family["id"] for family in families}
        assert some & {family["id"] for family in families} == {each["id"] for each in families[:2]}

    await eventually(look, 20)
