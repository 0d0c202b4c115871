"""`python -m deploy.health URL`: what a container's health check runs.

Prints the answer, so that `docker inspect` shows why a container is not healthy; exit code 0
for a 2xx, 1 for anything else. Without a URL it takes HEALTH_URL.
"""

import os
import sys
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

_SECONDS = 8


def answer(url: str) -> tuple[bool, str]:
    """Ask once, past any proxy; tell whether it was a 2xx, and what was said."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=_SECONDS) as response:
            return True, _text(response.read())
    except HTTPError as refusal:
        return False, f"{refusal.code} {_text(refusal.read())}"
    except (URLError, OSError) as failure:
        return False, f"no answer from {url}: {getattr(failure, 'reason', failure)}"


def main() -> None:
    """Ask the URL of the first argument or of HEALTH_URL."""
    url = sys.argv[1] if len(sys.argv) > 1 else os.environ["HEALTH_URL"]
    healthy, said = answer(url)
    print(said)
    sys.exit(0 if healthy else 1)


def _text(body: bytes) -> str:
    return body.decode("utf-8", errors="replace").strip()[:2000]


if __name__ == "__main__":
    main()
