"""What PostgreSQL is asked for with each connection: how many, and how long anything may take."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, Engine

#: Of the server's parameters, by the field of `TimeOuts`.
_PARAMETERS = {
    "statement": "statement_timeout",
    "lock": "lock_timeout",
    "idle": "idle_in_transaction_session_timeout",
}


@dataclass(frozen=True)
class TimeOuts:
    """In seconds; 0: none. What takes longer is ended by the server, and nothing of it is kept."""

    #: One statement.
    statement: float = 30
    #: Waiting for a row, a table or a key that another transaction holds.
    lock: float = 10
    #: Between two statements of a transaction.
    idle: float = 60

    def parameters(self) -> dict[str, int]:
        """The server's parameters, in milliseconds."""
        return {name: round(getattr(self, of) * 1000) for of, name in _PARAMETERS.items()}


#: Of commands that read or count all there is; they still wait for nobody for long.
LONG = TimeOuts(statement=0)


@dataclass(frozen=True)
class Pool:
    """The connections of one process: `size` are kept, up to `overflow` more opened and closed."""

    size: int = 10
    overflow: int = 10
    #: Older ones are replaced, so that a fail-over or a balancer gets its share. 0: never.
    recycle_seconds: float = 1800
    #: How long somebody waits for one before the database counts as away.
    wait_seconds: float = 30

    def arguments(self) -> dict[str, Any]:
        """SQLAlchemy's."""
        return {
            "pool_size": self.size,
            "max_overflow": self.overflow,
            "pool_recycle": self.recycle_seconds or -1,
            "pool_timeout": self.wait_seconds,
        }


@dataclass(frozen=True)
class ConnectionOptions:
    """How a process connects. SQLite heeds the pool alone."""

    pool: Pool = Pool()
    time_outs: TimeOuts = TimeOuts()
    #: Between us and the server stands a pooler in transaction mode, such as PgBouncer: what is
    #: set or prepared on a connection would be left there for others, or missed.
    by_pooler: bool = False
    #: A database that follows this one, for lists, and how far it may be behind; "": none.
    replica_url: str = ""
    replica_lag_seconds: float = 5

    def connect_arguments(self, url: URL) -> dict[str, Any]:
        """psycopg's. Without a pooler time-outs hold for each connection and cost nothing.

        `options` in the URL come last, and so win.
        """
        if self.by_pooler:
            return {"prepare_threshold": None}
        ours = [f"-c {name}={value}" for name, value in self.time_outs.parameters().items()]
        said = url.normalized_query.get("options", ())
        return {"options": " ".join((*ours, *said))}

    def listen(self, engine: Engine) -> None:
        """Through a pooler each transaction says its time-outs itself, in one more statement."""
        if not self.by_pooler:
            return
        named = self.time_outs.parameters().items()
        wanted = "; ".join(f"SET LOCAL {name} = {value}" for name, value in named)

        def say(connection: Connection) -> None:
            connection.exec_driver_sql(wanted)

        event.listen(engine, "begin", say)
