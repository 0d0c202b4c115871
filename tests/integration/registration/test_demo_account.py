"""The account that the demo leaves behind lets one in, however often the demo ran."""

import asyncio

import httpx
import pytest

from deploy.cli.demo_account import renew_demo_account
from tests.integration.registration.test_page_frame import hidden
from tests.system import System


async def test_the_last_password_of_the_demo_lets_one_in(
    alone: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRATION_DATABASE_URL", alone.database_url("registration_app"))
    _, before = await asyncio.to_thread(renew_demo_account)
    login, password = await asyncio.to_thread(renew_demo_account)
    assert password != before
    for word, status in ((before, 401), (password, 303)):
        url = alone.urls["registration"]
        async with httpx.AsyncClient(base_url=url, trust_env=False) as browser:
            fields = hidden(await browser.get("/sign-in"))
            answer = await browser.post(
                "/sign-in", data={**fields, "login": login, "password": word}
            )
            assert answer.status_code == status
