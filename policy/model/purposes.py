"""What a call is for, how it speaks, and how far somebody has agreed to be called."""

from enum import StrEnum


class Purpose(StrEnum):
    """Rules differ by it. A call that names none is held to the rules of all of them."""

    TELEMARKETING = "telemarketing"
    DEBT_COLLECTION = "debt_collection"
    SURVEY = "survey"
    POLITICAL = "political"
    REMINDER = "reminder"
    NOTIFICATION = "notification"
    SERVICE = "service"
    EMERGENCY = "emergency"


class Sector(StrEnum):
    """What kind of business an account is, where a regulator asks. Rules of all hold until it says.

    `lender`: it lends and is no bank, such as an NBFC in India. `other`: none of them.
    """

    BANK = "bank"
    LENDER = "lender"
    INSURER = "insurer"
    SECURITIES = "securities"
    OTHER = "other"


class Voice(StrEnum):
    """Who speaks first. What an AI agent or a script says is artificial (FCC 24-17)."""

    ARTIFICIAL = "artificial"
    LIVE = "live"


class ConsentTier(StrEnum):
    """How far a person agreed; `written` includes `express`."""

    EXPRESS = "express"
    WRITTEN = "written"

    def covers(self, needed: "ConsentTier") -> bool:
        return self is ConsentTier.WRITTEN or needed is ConsentTier.EXPRESS


class Notice(StrEnum):
    """What has to be said at the beginning of a call."""

    IDENTITY = "identity"
    CALLBACK_NUMBER = "callback_number"
    AI = "ai"
    RECORDING = "recording"
    OPT_OUT = "opt_out"
