"""`qayidis staff` on a running system's database."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from services.registration.staff import handlers
from tests.integration.registration.accounts import PASSWORD, Accounts
from tests.system import System


def qayidis(
    system: System, *words: str, typed: str = "", role: str = "registration_app"
) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).parent / "qayidis")
    kept = {name: text for name, text in os.environ.items() if not name.startswith("QAYIDIS_")}
    return subprocess.run(
        [program, "staff", *words],
        env={**kept, "REGISTRATION_DATABASE_URL": system.database_url(role)},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def test_the_first_account_is_made_and_signs_in_with_its_temporary_password(
    alone: System,
) -> None:
    login = f"first-{uuid4().hex[:8]}"
    made = qayidis(alone, "add", login, "--name", "Aynur", "--role", "operator")
    assert made.returncode == 0, made.stderr
    password = made.stdout.strip()
    async with Accounts.of(alone) as staff, staff.acting() as session:
        signed_in = await handlers.sign_in(session, login, password)
    assert signed_in.staff.roles == {"operator"}

    listed = qayidis(alone, "list")
    assert f"{login}\toperator\tall districts\tactive" in listed.stdout

    ended = qayidis(alone, "sign-out", login)
    assert ended.stderr == f"ended 1 sessions of {login}\n"
    async with Accounts.of(alone) as staff, staff.acting() as session:
        assert await handlers.find_session(session, signed_in.session_token) is None


async def test_a_password_from_standard_input_is_not_printed(alone: System) -> None:
    login = f"typed-{uuid4().hex[:8]}"
    words = ("add", login, "--name", "Aynur", "--role", "registrar", "--district", "AZ-BAR")
    made = qayidis(alone, *words, "--password-stdin", typed=f"{PASSWORD}\n")
    assert (made.returncode, made.stdout) == (0, ""), made.stderr
    other = "seven-doors-of-the-old-town"
    reset = qayidis(alone, "reset-password", login, "--password-stdin", typed=f"{other}\n")
    assert (reset.returncode, reset.stdout) == (0, ""), reset.stderr
    async with Accounts.of(alone) as staff, staff.acting() as session:
        signed_in = await handlers.sign_in(session, login, other)
    assert signed_in.staff.district == "AZ-BAR"


def test_what_cannot_be_is_one_clear_line(alone: System) -> None:
    login = f"wrong-{uuid4().hex[:8]}"
    right = ("add", login, "--name", "Aynur", "--role", "registrar")
    assert qayidis(alone, *right).returncode == 0
    for words, typed, said in (
        (right, "", "There is an account with this login"),
        (("add", "Ə", *right[2:]), "", "login must have 2 to 64"),
        (("add", "x" * 10_000, *right[2:]), "", "login must have 2 to 64"),
        ((*right, "--password-stdin"), "", "no password on standard input"),
        ((*right, "--password-stdin"), "short\n", "password must have 12 to 200"),
        ((*right, "--password-stdin"), "Password1234\n", "password is too easy to guess"),
        ((*right, "--password-stdin"), f"my-{login}-2026\n", "must not contain the login"),
        ((*right, "--district", "AZ-QQQ"), "", "a district is an ISO 3166-2 code"),
        (("sign-out", "nobody-here"), "", "There is no such member of the staff"),
    ):
        answer = qayidis(alone, *words, typed=typed)
        assert answer.returncode == 1, words
        assert answer.stderr.startswith("qayidis: "), answer.stderr
        assert said in answer.stderr
        assert "Traceback" not in answer.stderr
