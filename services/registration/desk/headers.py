"""Headers of every page: what it may load (CSP level 3), and that nobody keeps it."""

from fastapi import Request, Response

from services.registration.desk.options import options_of


def policy(form_targets: tuple[str, ...] = ()) -> str:
    """The Content-Security-Policy: everything from ourselves, nothing inline, no frames."""
    targets = " ".join(("'self'", *form_targets))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            f"form-action {targets}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def protect(request: Request, response: Response) -> Response:
    """Add the headers that every page has; what a page set itself stays."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy(options_of(request).form_targets))
    headers.setdefault("Cache-Control", "no-store")
    headers.setdefault("Vary", "Cookie, Accept-Language")
    # `no-referrer` would make browsers send `Origin: null` with our own forms.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
    return response
