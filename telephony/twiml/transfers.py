"""What both sides of a transfer hear: the callee who is put through, and whoever answers."""

from dataclasses import dataclass, field
from typing import Any

from twilio.twiml.voice_response import Dial, Gather

from policy.pathways.script import LONGEST_TEXT
from policy.transfers.targets import KEY_SECONDS
from telephony.twiml.verbs import new_response, printable


@dataclass(frozen=True, slots=True)
class TargetDial:
    """A target's leg: whom to dial, as whom, for how many seconds, and where the carrier asks.

    The repr leaves the numbers out.
    """

    to: str = field(repr=False)
    caller_id: str = field(repr=False)
    ring_seconds: int
    over_url: str
    whisper_url: str
    status_url: str


def put_through(target: TargetDial) -> str:
    """Dial the target, and ask how it went when that is over."""
    verb: Any = Dial(  # type: ignore[no-untyped-call]
        answer_on_bridge=True,
        timeout=target.ring_seconds,
        caller_id=target.caller_id,
        action=target.over_url,
    )
    heard = {
        "url": target.whisper_url,
        "status_callback": target.status_url,
        "status_callback_event": "initiated completed",
    }
    if target.to.startswith("sip:"):
        verb.sip(target.to, **heard)
    else:
        verb.number(target.to, **heard)
    response = new_response()
    response.append(verb)
    return str(response)


def whisper(text: str, taken_url: str, *, key: str | None) -> str:
    """What whoever answers for a target is told before the callee is there.

    `key`: they take the call with it, or it ends for them.
    """
    response = new_response()
    if key is None:
        response.say(_said(text))
        response.redirect(taken_url)
        return str(response)
    gather: Any = Gather(  # type: ignore[no-untyped-call]
        action=taken_url, input="dtmf", num_digits=1, timeout=KEY_SECONDS
    )
    press = f"Press {key} to take the call."
    # What has to be known is not cut off by what is merely long.
    gather.say(f"{_said(text)[: LONGEST_TEXT - len(press) - 1]} {press}".strip())
    response.append(gather)
    response.hangup()
    return str(response)


# -- warm: two legs of ours, each with documents of its own until both go into a conference

#: Seconds of a document of somebody who waits, after what is said; then it asks again.
HELD_SECONDS = 8
#: Whoever took the call, and who is about to be there, ask more often: nobody is alone for long.
NEAR_SECONDS = 1
WAITING_TEXT = "Please hold the line."
TAKEN_TEXT = "One moment."
GONE_TEXT = "The caller is not there any more."


def held_callee(again_url: str, text: str, music: str | None, *, is_first: bool) -> str:
    """The callee waits: words, and music where the target has some; then their leg asks again.

    Where there is no music the words come again and again, so that the line is never silent for
    long.
    """
    response = new_response()
    if is_first or not music:
        response.say(_said(text))
    if music:
        response.play(music)
    response.pause(length=NEAR_SECONDS if music else HELD_SECONDS)
    response.redirect(again_url)
    return str(response)


def held_target(again_url: str, *, is_first: bool) -> str:
    """Whoever took the call waits for the callee, who is on the way."""
    response = new_response()
    if is_first:
        response.say(TAKEN_TEXT)
    response.pause(length=NEAR_SECONDS)
    response.redirect(again_url)
    return str(response)


def fetched(onward_url: str) -> str:
    """A live leg leaves what it hears, and asks how it goes on."""
    response = new_response()
    response.redirect(onward_url)
    return str(response)


@dataclass(frozen=True, slots=True)
class Room:
    """The conference of one transfer, by a name that says nothing of anybody.

    `wait_url`: heard by who is there first. `news_url`: told that both are there.
    `introduction`: said to both as they go in. `over_url`: where the callee's leg goes on after it.
    """

    name: str
    wait_url: str
    news_url: str
    introduction: str = ""
    over_url: str | None = None


def conference(room: Room, *, starts: bool) -> str:
    """Into the conference, which is over for both with whoever leaves it.

    `starts`: it begins with this one; whoever comes first waits for that. Its news are told to the
    address that the first one names, so both name it.
    """
    response = new_response()
    if room.introduction:
        response.say(_said(room.introduction))
    verb: Any = Dial(action=room.over_url)  # type: ignore[no-untyped-call]
    verb.conference(
        room.name,
        start_conference_on_enter=starts,
        end_conference_on_exit=True,
        beep="false",
        max_participants=2,
        participant_label="target" if starts else "callee",
        wait_url=room.wait_url,
        status_callback=room.news_url,
        status_callback_event="start",
    )
    response.append(verb)
    return str(response)


def waiting_room(again_url: str) -> str:
    """Who is in a conference alone; only words, sounds and pauses can be heard there."""
    response = new_response()
    response.say(TAKEN_TEXT)
    response.pause(length=HELD_SECONDS)
    response.redirect(again_url)
    return str(response)


def _said(text: str) -> str:
    return printable(text)[:LONGEST_TEXT]
