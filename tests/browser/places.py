"""Every page there is, with an address that shows it: for axe, weights and pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from playwright.async_api import Page, Response

from tests.browser.seeds import Seeds

_ASK = "(box, text) => { box.value = text; box.form.requestSubmit(); }"


@dataclass(frozen=True)
class Place:
    """One page; `on_phone` when it is used standing, `typed` is looked for in its search box.

    `sent` is filled into the page's form, by the fields' ids: the answer is the page.
    """

    name: str
    path: str
    on_phone: bool = False
    typed: str | None = None
    sent: Mapping[str, str] = field(default_factory=dict)

    async def open(self, page: Page) -> Response | None:
        """Go there as people do, and give the answer."""
        answer = await page.goto(self.path, wait_until="load")
        if self.sent:
            return await self._send(page)
        if self.typed is None:
            return answer
        # Not typed letter by letter: what the script finds meanwhile would be a navigation too.
        async with page.expect_navigation(url="**/?s=*") as there:
            await page.locator("#q").evaluate(_ASK, self.typed)
        return await there.value

    async def _send(self, page: Page) -> Response | None:
        for name, value in self.sent.items():
            typed = page.locator(f"#{name}")
            if await typed.evaluate("element => element.localName") == "select":
                await typed.select_option(value)
            else:
                await typed.fill(value)
        async with page.expect_navigation() as there:
            await page.locator("main form button").first.click()
        return await there.value


def places(seeds: Seeds) -> list[Place]:
    """List the pages for who is signed in; a new page is added here and is checked everywhere."""
    family, event = seeds.families[0]["id"], seeds.event["id"]
    return [
        Place("search", "/", on_phone=True),
        Place("found", "/", typed="hesenov"),
        Place("family", f"/families/{family}", on_phone=True),
        Place("new-family", "/families/new", on_phone=True),
        Place("edit-family", f"/families/{family}/edit"),
        Place("changes", f"/families/{family}/changes"),
        Place("death", f"/families/{family}/changes/death", on_phone=True),
        Place("split", f"/families/{family}/changes/split"),
        Place("history", f"/families/{family}/history"),
        Place("events", "/events", on_phone=True),
        Place("event", f"/events/{event}", on_phone=True),
        Place("check-in", f"/check-in/{event}", on_phone=True),
        Place("waiting-list", f"/events/{event}/waiting-list"),
        Place("groups", f"/events/{event}/groups"),
        Place("enrol", f"/events/{event}/enrol?family={seeds.families[1]['id']}"),
        Place("enrolment", f"/enrolments/{seeds.confirmed['id']}", on_phone=True),
        Place("imports", "/imports"),
        Place("import", f"/imports/{seeds.upload}"),
        Place("duplicates", "/duplicates"),
        Place("duplicate", f"/duplicates/{seeds.case}"),
        Place("merge", f"/duplicates/{seeds.case}/merge"),
        Place("merged", f"/merges/{seeds.merge}"),
        Place("consents", f"/families/{family}/consents", on_phone=True),
        Place("receipt", f"/families/{family}/consents/{seeds.receipt}", on_phone=True),
        Place("record", f"/families/{family}/record"),
        Place("erase", f"/families/{family}/erase"),
        Place(
            "erase-for-good",
            f"/families/{family}/erase",
            sent={"who": "family", "basis": "consent_withdrawn", "reason": "Ərizə № 17"},
        ),
        Place("erasure", f"/erasures/{seeds.erasure}"),
        Place("audit", "/audit?action=family.registered"),
        Place("staff", "/staff"),
        Place("account", f"/staff/{seeds.member}"),
        Place("dead-letters", "/dead-letters", on_phone=True),
        Place("dead-group", "/dead-letters/notifications?queue=notifications.contacts"),
        Place("dead-letter", f"/dead-letters/notifications/{seeds.dead_letter}", on_phone=True),
        Place("password", "/password", on_phone=True),
        Place("waiting", f"/enrolments/{seeds.waiting['id']}?done=enrolled"),
    ]
