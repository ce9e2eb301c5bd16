"""What is said and answered of `health`.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.models.base import Answer


class Health(Answer):
    """`ok`, for as long as there is an answer."""

    status: str


class Ready(Answer):
    """Each part is `ok` or `away`; a database without writes is `full` or `read-only`."""

    database: str
    temporal: str
    worker: str
    loops: str
    replica: str | None = None
