"""The cookies of the dashboard. None of them can be read by a script or sent by another site.

But for one, which comes back with whoever a provider of single sign-on sends here.
"""

from fastapi import Response

from settings import Settings

ZONE = "trunkline-zone"
SAID = "trunkline-said"
#: By which provider this browser has signed in.
PROVIDER = "trunkline-provider"


def session(settings: Settings) -> str:
    """Its name: over https one that only this very host can have set."""
    return "__Host-trunkline" if _is_secure(settings) else "trunkline"


def sign_in(settings: Settings) -> str:
    """Half of what the sign-in form proves; the other half stands in the form."""
    return f"{session(settings)}-sign-in"


def sign_on(settings: Settings) -> str:
    """Half of what whoever comes back from a provider proves."""
    return f"{session(settings)}-sign-on"


def put(
    response: Response,
    settings: Settings,
    name: str,
    value: str,
    seconds: int,
    *,
    comes_back: bool = False,
) -> None:
    """Sets a cookie; of 0 seconds it takes it away.

    `comes_back`: it is sent with a link from another site, too, and with nothing else of it.
    """
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        samesite="lax" if comes_back else "strict",
    )


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
