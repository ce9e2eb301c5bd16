"""How many bytes a body may have. A route says so itself (`max_body_size`), or has `MAX_BODY`.

FastAPI counts them as they arrive, before anything is parsed.
"""

from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.types import Scope

MAX_CALLBACK = 64 * 1024
MAX_BODY = 1024 * 1024
MAX_CONTACTS = 16 * 1024 * 1024
MAX_BULK = 32 * 1024 * 1024
MAX_FILE = 64 * 1024 * 1024


def hide_length(scope: Scope) -> None:
    """Keep the announced length from what is further in: only what arrives counts.

    FastAPI's limit would put a plain text in place of whatever a route answers to a request that
    announces too much: of a stranger's 401, of a page, and of the answer to what was done already.
    """
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"content-length"]


def detail_of(scope: Scope, exc: HTTPException) -> str:
    """What is wrong; of a body that is too large FastAPI does not say how large it may be."""
    if exc.status_code == 413 and MAX_BODY_SIZE_SCOPE_KEY in scope:
        return f"The body is larger than {scope[MAX_BODY_SIZE_SCOPE_KEY]} bytes."
    return str(exc.detail)
