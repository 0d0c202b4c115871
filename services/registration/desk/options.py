"""What an operator decides about the pages."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import FastAPI, Request


@dataclass(frozen=True, slots=True)
class Options:
    """How the pages are reached; `main` makes it of the settings.

    `public_url` is what browsers type, needed where a proxy changes the Host; `secure_cookies`
    sends cookies over https alone; `form_targets` are other origins a form may lead to, such as
    an OpenID provider's.
    """

    public_url: str | None = None
    secure_cookies: bool = False
    form_targets: tuple[str, ...] = ()


def install(app: FastAPI, options: Options) -> None:
    """Let an app's pages know the options."""
    app.state.desk = options


def options_of(request: Request) -> Options:
    """Return the options of the app that serves a request."""
    options: Options = request.app.state.desk
    return options


def is_secure(request: Request) -> bool:
    """Tell whether cookies must be kept to https."""
    return request.url.scheme == "https" or options_of(request).secure_cookies


def own_host(request: Request) -> str:
    """The host and port that our own pages are served from, as a browser names them."""
    public = options_of(request).public_url
    return urlsplit(public).netloc if public else request.headers.get("Host", "")
