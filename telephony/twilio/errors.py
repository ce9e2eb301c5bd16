"""What each failure of a Twilio request means, in our words: Twilio's own quote numbers."""

from collections.abc import Callable

import aiohttp

from telephony.errors import Ambiguous, CarrierError, NotLive, Rejected, RejectedClass, Unreachable

TOO_MANY_REQUESTS = 429
THROTTLED_CODES = frozenset({20429})
CAPACITY_CODES = frozenset({10004})
#: Wrong credentials, a closed account, one without permission, one that Twilio does not know.
ACCOUNT_CODES = frozenset({10001, 20003, 20005, 20403, 20404})
#: Credentials and proxies are asked about before anybody looks at a call. 408 (RFC 9110): no
#: complete request arrived; what was passed on and not answered in time is 504.
ACCOUNT_STATUSES = frozenset({401, 402, 407, 408})
NUMBER_CODES = frozenset(
    {21201, 21202, 21211, 21214, 21216, 21217, 13223, 13224, 13225, 13226}
    # Of texts: not a mobile number, one who opted out, unreachable.
    | {21408, 21610, 21612, 21614},
)
#: "Call is not in-progress": also the answer to a command that fits the leg's state no more.
NOT_IN_PROGRESS = 21220
NO_SUCH_LEG = 20404

#: Words for the codes an operator meets most; every other code is looked up at Twilio.
WORDS = {
    10001: "the account is not active",
    10004: "the account has no free channel",
    13223: "the number is not dialable",
    13224: "the number is invalid",
    13225: "the number is blocked",
    13226: "the number's country is invalid",
    13227: "no permission for the number's country",
    20003: "the credentials are wrong",
    20005: "the account is not active",
    20403: "the account lacks the permission",
    20404: "the carrier does not know it",
    20429: "too many requests",
    21201: "no number was given",
    21202: "the number may not be called",
    21205: "a callback URL is invalid",
    21408: "no permission for texts to the number's region",
    21610: "the recipient has opted out of texts",
    21612: "the number cannot be sent texts from this one",
    21614: "the number takes no texts",
    21210: "the caller ID is not verified",
    21211: "the number is invalid",
    21212: "the caller ID is invalid",
    21213: "a caller ID is required",
    21214: "the number cannot be reached",
    21215: "no permission for the number's country",
    21216: "the number may not be called",
    21217: "the number is not valid",
    21219: "a trial account may call verified numbers only",
    21220: "the leg is not in progress",
    32205: "no permission for the number's country",
}


class HttpFailure(Exception):
    """Twilio, or something before it, answered with another status than 2xx."""

    def __init__(self, status: int, code: int | None) -> None:
        super().__init__(f"HTTP {status}, code {code}")
        self.status = status
        self.code = code


class UnexpectedHost(Exception):
    """The SDK wanted to talk to a host that is not the voice API."""


#: The request died before a connection stood, so the carrier has not seen it.
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

Classify = Callable[[Exception], CarrierError]


def failure_of(error: Exception) -> CarrierError:
    """The class of a failed request; whatever is not surely harmless is Ambiguous."""
    if isinstance(error, HttpFailure):
        return _answered(error.status, error.code)
    if isinstance(error, UnexpectedHost):
        return Rejected("unexpected host refused", reason=RejectedClass.CONFIGURATION)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        # Before the tunnel stood, so nothing was sent; such as 403 or 407.
        return Rejected("a proxy refused the way to the carrier", reason=RejectedClass.ACCOUNT)
    if isinstance(error, NEVER_SENT):
        return Unreachable(f"no connection to the carrier ({type(error).__name__})")
    return Ambiguous(f"no readable answer from the carrier ({type(error).__name__})")


def leg_failure_of(error: Exception) -> CarrierError:
    """The same for a request about an existing leg, which may be over by now."""
    if isinstance(error, HttpFailure) and _is_over(error):
        return NotLive(_summary(error.status, error.code), code=error.code, status=error.status)
    return failure_of(error)


def rejection_class(status: int, code: int | None) -> RejectedClass:
    """Why a 4xx was given; an unknown code is ours to repair, never the number's fault.

    What bears no code of Twilio's was not written by it: a proxy, or another host, answered.
    """
    if code in CAPACITY_CODES:
        return RejectedClass.CAPACITY
    if status == TOO_MANY_REQUESTS or code in THROTTLED_CODES:
        return RejectedClass.THROTTLED
    if code in NUMBER_CODES:
        return RejectedClass.NUMBER
    if code is None or code in ACCOUNT_CODES or status in ACCOUNT_STATUSES:
        return RejectedClass.ACCOUNT
    return RejectedClass.CONFIGURATION


def _answered(status: int, code: int | None) -> CarrierError:
    summary = _summary(status, code)
    # The HTTP status alone decides: a body may not talk a 5xx into "surely not created".
    if not 400 <= status < 500:
        return Ambiguous(summary, code=code, status=status)
    reason = rejection_class(status, code)
    return Rejected(summary, reason=reason, code=code, status=status)


def _is_over(failure: HttpFailure) -> bool:
    # Not a 404 as such: of a proxy, or of another host, it says nothing of a leg.
    return 400 <= failure.status < 500 and failure.code in (NOT_IN_PROGRESS, NO_SUCH_LEG)


def _summary(status: int, code: int | None) -> str:
    if code is None:
        return f"HTTP {status} without a code of the carrier's, as from a proxy"
    if code == status:
        return f"the carrier answered HTTP {status}"
    words = WORDS.get(code, f"see https://www.twilio.com/docs/errors/{code}")
    return f"the carrier answered HTTP {status}, code {code}: {words}"
