"""Ports: finding free ones, remembering them, and seeing who holds one."""

import json
import random
import socket
from pathlib import Path

from deploy.bootstrap.failure import DeployError
from deploy.bootstrap.files import write_atomically

# Below the range the kernel gives to outgoing connections, which could take one over a restart.
_FIRST, _LAST = 20000, 31999


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on that port now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(besides: frozenset[int] = frozenset()) -> int:
    """Find a port on which nothing listens. Raises DeployError when there is none."""
    for port in random.sample(range(_FIRST, _LAST), 200):
        if port not in besides and is_free(port):
            return port
    raise DeployError(f"no free port between {_FIRST} and {_LAST} on this machine")


def answers(host: str, port: int, seconds: float = 1.0) -> bool:
    """Tell whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=seconds):
            return True
    except OSError:
        return False


def remembered_ports(file: Path, names: tuple[str, ...]) -> dict[str, int]:
    """Give each name its port: the remembered one while it is free, else a new one.

    Meant to be called when the server is not running; the choice is kept in `file`, so clients
    find the server at the same place after a restart.
    """
    known = known_ports(file)
    ports: dict[str, int] = {}
    for name in names:
        old = known.get(name)
        taken = frozenset(ports.values())
        ports[name] = old if old is not None and is_free(old) else free_port(taken)
    if ports != known:
        write_atomically(file, json.dumps(ports))
    return ports


def known_ports(file: Path) -> dict[str, int]:
    """Read the remembered ports; empty when there are none or the file is damaged."""
    try:
        return {str(name): int(port) for name, port in json.loads(file.read_text()).items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}
