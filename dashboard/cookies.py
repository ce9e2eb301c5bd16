"""The cookies of the dashboard. None of them can be read by a script or sent by another site."""

from fastapi import Response

from settings import Settings

ZONE = "trunkline-zone"
SAID = "trunkline-said"


def session(settings: Settings) -> str:
    """Its name: over https one that only this very host can have set."""
    return "__Host-trunkline" if _is_secure(settings) else "trunkline"


def sign_in(settings: Settings) -> str:
    """Half of what the sign-in form proves; the other half stands in the form."""
    return f"{session(settings)}-sign-in"


def put(response: Response, settings: Settings, name: str, value: str, seconds: int) -> None:
    """Sets a cookie; of 0 seconds it takes it away."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        samesite="strict",
    )


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
