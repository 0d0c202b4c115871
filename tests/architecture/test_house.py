"""The house is as `README.md` draws it, and each check sees what it looks for."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import house

ROOT = Path(__file__).parents[2]

CHECKS: list[Callable[[Path], list[str]]] = [
    house.vague_names,
    house.long_modules,
    house.environment_read_at_import,
    house.commits_in_handlers,
    house.impure_domains,
    house.import_circles,
]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the packages under a root."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_imports_keep_the_rules() -> None:
    answer = lint_imports(ROOT)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_house_is_in_order(check: Callable[[Path], list[str]]) -> None:
    assert list(house.modules(ROOT))
    assert check(ROOT) == []


# Each check on a small house of its own, in order and then with one thing wrong


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A house with the same rooms and nothing in them."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for service in ("registration", "events", "notifications"):
        for module in ("main", "config", "subscribers", "desk/__init__"):
            put(tmp_path, f"services/{service}/{module}.py", "")
        for module in ("api", "pages", "handlers", "queries", "tables", "domain", "schemas"):
            put(tmp_path, f"services/{service}/desk/{module}.py", "")
    for package in ("shared", "shared/contracts", "deploy"):
        put(tmp_path, f"{package}/settings.py", "")
    return tmp_path


def put(root: Path, path: str, text: str) -> None:
    """Write a module and make its folders packages."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    for folder in file.relative_to(root).parents:
        if folder != Path():
            (root / folder / "__init__.py").touch()
    file.write_text(text, encoding="utf-8")


def test_a_small_house_in_order_passes(small: Path) -> None:
    put(small, "services/events/main.py", "from services.events import config, subscribers")
    put(small, "services/events/subscribers.py", "from services.events.desk import handlers")
    put(small, "services/events/desk/api.py", "from services.events.desk import handlers, domain")
    put(small, "services/events/desk/handlers.py", "from services.events.desk import queries")
    put(small, "services/events/desk/queries.py", "from services.events.desk import tables")
    put(small, "services/events/desk/tables.py", "from shared import settings")
    put(small, "services/events/talk/domain.py", "from services.events.desk import domain")
    put(small, "deploy/run.py", "import os\ndef home(): return os.environ['HOME']")
    answer = lint_imports(small)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert [problem for check in CHECKS for problem in check(small)] == []


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        ("services/events/desk/peek.py", "import services.registration.desk.domain", "a service"),
        ("services/events/main.py", "from services.notifications import main", "a service"),
        ("shared/peek.py", "import services.events.desk.domain", "shared knows no service"),
        ("shared/peek.py", "import deploy.settings", "shared knows no service"),
        ("services/events/desk/peek.py", "import deploy.settings", "shared knows no service"),
        ("services/events/desk/handlers.py", "from services.events.desk import api", "routes"),
        ("services/events/desk/queries.py", "from services.events.desk import handlers", "routes"),
        ("services/events/desk/tables.py", "from services.events.desk import queries", "routes"),
        ("services/events/desk/domain.py", "from services.events.desk import tables", "routes"),
        ("services/events/desk/handlers.py", "from services.events import subscribers", "edge"),
        ("services/events/desk/handlers.py", "from services.events import config", "only main"),
        ("shared/peek.py", "from services.events import config", "only main"),
    ],
)
def test_a_wrong_import_is_seen(small: Path, path: str, text: str, rule: str) -> None:
    put(small, path, text)
    answer = lint_imports(small)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    broken = [line for line in answer.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(rule in line for line in broken), answer.stdout


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (house.vague_names, "services/events/desk/utils.py", ""),
        (house.vague_names, "shared/common/__init__.py", ""),
        (house.vague_names, "deploy/helpers.py", ""),
        (house.vague_names, "services/events/manager.py", ""),
        (house.vague_names, "services/registration/desk/events.py", ""),
        (house.long_modules, "shared/long.py", "x = 1\n" * 301),
        (house.environment_read_at_import, "shared/a.py", "import os\nX = os.environ['X']"),
        (house.environment_read_at_import, "shared/a.py", "import os\nX = os.getenv('X')"),
        (
            house.environment_read_at_import,
            "deploy/a.py",
            "from os import environ as e, getenv\nX = getenv('X')",
        ),
        (house.environment_read_at_import, "shared/a.py", "import os\nclass A:\n  x = os.environ"),
        (house.environment_read_at_import, "shared/a.py", "import os\ndef f(x=os.environ): ..."),
        (house.environment_read_at_import, "services/events/desk/a.py", "X = Settings()"),
        (house.environment_read_at_import, "services/events/main.py", "X = load(Settings)"),
        (
            house.commits_in_handlers,
            "services/events/desk/handlers.py",
            "async def f(session): await session.commit()",
        ),
        (
            house.commits_in_handlers,
            "services/events/desk/queries.py",
            "async def f(session):\n  async with session.begin(): ...",
        ),
        (house.impure_domains, "services/events/desk/domain.py", "import pydantic"),
        (house.impure_domains, "services/events/desk/domain.py", "from shared import settings"),
        (
            house.impure_domains,
            "services/events/desk/domain.py",
            "from services.events.desk import schemas",
        ),
        (house.import_circles, "shared/settings.py", "from shared.contracts.settings import x"),
    ],
)
def test_a_broken_rule_is_seen(
    small: Path, check: Callable[[Path], list[str]], path: str, text: str
) -> None:
    put(small, "shared/contracts/settings.py", "import shared.settings")
    assert check(small) == []
    put(small, path, text)
    assert len(check(small)) == 1
