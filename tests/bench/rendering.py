"""A page against a bare FastAPI endpoint with the same SQL, and its first paint in a browser."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp
import httpx

from deploy.local.ports import free_port
from tests.bench.figures import Figure, median
from tests.bench.sizes import sized
from tests.browser.chromium import chromium, find_chromium
from tests.browser.walking import sign_in, window
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.support.bodies import event, place
from tests.support.desk import Desk
from tests.system import System

EVENTS = 30
REQUESTS = sized(1_200, 120)
CLIENTS = 8

# The browser notes a paint some time after it says that the page was loaded.
_FIRST_PAINT = """new Promise((painted) => new PerformanceObserver((list) => {
  const [first] = list.getEntriesByName("first-contentful-paint");
  if (first) painted(first.startTime);
}).observe({ type: "paint", buffered: true }))"""


async def measure(system: System, desk: Desk) -> Figure:
    """Read the list of 30 events as a page, and as JSON from the bare endpoint."""
    for _ in range(EVENTS):
        await desk.publish(event(place(), capacity=60))
    async with Accounts.of(system) as accounts:
        login = (await accounts.add("registrar")).staff.login
    url = system.urls["registration"]
    cookies = await _signed_in(url, login)
    with _bare(system) as bare:
        await _rate(f"{bare}/events", {})
        await _rate(f"{url}/events", cookies)
        yardstick = await _rate(f"{bare}/events", {})
        ours = await _rate(f"{url}/events", cookies)
    painted = await _first_paint(url, login)
    return Figure(
        f"page of {EVENTS} events, {CLIENTS} readers",
        f"{ours:,.0f}/s; first paint {painted}",
        f"{yardstick:,.0f}/s bare FastAPI + asyncpg, the same SQL as JSON",
        f"{ours / yardstick:.2f}",
        "first paint under 1 s",
        "SQLAlchemy, and writing 30 events as HTML with dates of CLDR",
    )


async def _signed_in(url: str, login: str) -> Mapping[str, str]:
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        page = (await client.get("/sign-in")).text
        csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
        fields = {"csrf": csrf, "login": login, "password": PASSWORD}
        answer = await client.post("/sign-in", data=fields)
        assert answer.status_code == 303, answer.text
        return dict(client.cookies)


async def _rate(url: str, cookies: Mapping[str, str]) -> float:
    """Read an address by several readers; gives answers a second."""
    left = iter(range(REQUESTS))
    # Cookies of an address without a name are left out unless that is asked for.
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookies=cookies, cookie_jar=jar) as client:

        async def read() -> None:
            for _ in left:
                async with client.get(url, allow_redirects=False) as answer:
                    assert answer.status == 200, answer.status
                    await answer.read()

        began = time.perf_counter()
        await asyncio.gather(*(read() for _ in range(CLIENTS)))
        return REQUESTS / (time.perf_counter() - began)


async def _first_paint(url: str, login: str) -> str:
    if find_chromium() is None:
        return "not measured: no Chromium"
    times = []
    async with chromium() as browser, window(browser, url) as context:
        page = await context.new_page()
        await page.goto("/events")
        await sign_in(page, login)
        for _ in range(7):
            await page.goto("/events", wait_until="load")
            times.append(float(await page.evaluate(_FIRST_PAINT)))
    return f"{median(times):.0f} ms"


@contextmanager
def _bare(system: System) -> Iterator[str]:
    port = free_port(frozenset())
    database = system.database_url("registration_app")
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.bare", str(port), database])
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not _answers(url):
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/events", trust_env=False).is_success
    except httpx.HTTPError:
        return False
