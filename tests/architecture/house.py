"""The rules of the house that import-linter cannot say; each finds what breaks it under a root."""

import ast
import sys
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGES = ("services", "shared", "deploy")
VAGUE = {"utils", "util", "common", "helpers", "helper", "manager", "managers", "misc"}
LONGEST = 300

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def modules(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    """Parse every module of the product, its path relative to the root."""
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            yield file.relative_to(root), ast.parse(file.read_text(encoding="utf-8"))


def vague_names(root: Path) -> list[str]:
    """Modules and folders whose name says nothing, or is taken by what people attend."""
    found = []
    for path, _ in modules(root):
        if VAGUE & {*path.parts[:-1], path.stem}:
            found.append(f"{path}: says nothing about what is in it")
        if path.parts[0] == "services" and path.name == "events.py":
            found.append(f"{path}: events are what people attend")
    return found


def long_modules(root: Path) -> list[str]:
    """Modules that want to be two; migrations are generated, and grow with the tables."""
    return [
        f"{path}: has more than {LONGEST} lines"
        for path, _ in modules(root)
        if "migrations" not in path.parts
        and len((root / path).read_text(encoding="utf-8").splitlines()) > LONGEST
    ]


def environment_read_at_import(root: Path) -> list[str]:
    """Reads of the environment, or of settings, outside of functions."""
    return [
        f"{path}:{node.lineno}: reads the environment at import"
        for path, module in modules(root)
        for node in _run_at_import(module)
        if isinstance(node, ast.expr) and _reads_environment(node)
    ]


def commits_in_handlers(root: Path) -> list[str]:
    """Handlers and queries that begin or end a transaction: that is done at the edge."""
    return [
        f"{path}:{node.lineno}: {node.func.attr}() belongs to the edge"
        for path, module in modules(root)
        if path.parts[0] == "services" and path.name in {"handlers.py", "queries.py"}
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback", "begin"}
    ]


def impure_domains(root: Path) -> list[str]:
    """Imports of a domain that are neither the standard library nor a domain of its service."""
    return [
        f"{path}: imports {name}"
        for path, module in modules(root)
        if path.parts[0] == "services" and path.name == "domain.py"
        for name in _imported(ast.walk(module))
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not _is_domain_of(name, path.parts[1])
    ]


def import_circles(root: Path) -> list[str]:
    """The first circle of modules that import each other while they are loaded."""
    known = {_module_name(path): module for path, module in modules(root)}
    graph = {
        name: {_nearest(each, known) for each in _imported(_run_at_import(module))} - {name}
        for name, module in known.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return [" imports ".join(reversed(circle.args[1]))]
    return []


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Walk over what loading a module runs: all but the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        yield child
        if isinstance(child, FUNCTIONS):
            for part in (child.args, *getattr(child, "decorator_list", ())):
                yield from _run_at_import(part)
        elif not _is_main_block(child):
            yield from _run_at_import(child)


def _is_main_block(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _reads_environment(node: ast.expr) -> bool:
    name = ast.unparse(node)
    if name in {"os.environ", "os.environb", "os.getenv", "environ", "getenv"}:
        return True
    return isinstance(node, ast.Call) and name.startswith(("Settings(", "load(Settings"))


def _imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Name what is imported; the last part of a name may be a thing inside a module."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_domain_of(name: str, service: str) -> bool:
    parts = name.split(".")
    return parts[:2] == ["services", service] and "domain" in parts[3:]


def _module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _nearest(name: str, known: dict[str, ast.Module]) -> str:
    """Give the module that a dotted name lies in; one that is not ours stays as it is."""
    return name if name in known else name.rpartition(".")[0] or name
