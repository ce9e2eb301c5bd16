import pytest

from policy.calls.person_evidence import LONGEST_ANSWER, proves_person, sounds_like_greeting

GREETING = "Hello, you've reached Ada. I can't come to the phone, no one is here. Leave a message."


@pytest.mark.parametrize("is_taken", [True, False])
@pytest.mark.parametrize("found_machine", [True, False])
def test_a_key_is_a_person_whatever_else_is_known(is_taken: bool, found_machine: bool):
    assert proves_person("1", None, is_taken=is_taken, found_machine=found_machine)
    assert proves_person("1", GREETING, is_taken=is_taken, found_machine=found_machine)


@pytest.mark.parametrize(
    ("speech", "is_taken", "found_machine", "proves"),
    [
        ("yes please", True, False, True),
        ("yes please", True, True, True),
        ("who is this?", False, False, True),
        ("who is this?", False, True, False),
        ("hello?", False, True, False),
        # A greeting may hold a word that the question takes for an answer.
        (GREETING, True, False, False),
        (GREETING, True, True, False),
        (GREETING, False, False, False),
        ("no one is available, so please try again some time later, or send an email", True, 0, 0),
        ("", False, False, False),
        (None, False, False, False),
    ],
)
def test_speech_is_a_person_as_an_answer(speech, is_taken, found_machine, proves):
    found = proves_person(None, speech, is_taken=is_taken, found_machine=bool(found_machine))
    assert found is bool(proves)


@pytest.mark.parametrize(
    "speech",
    [
        GREETING,
        "Please leave your name.",
        "Hinterlassen Sie eine Nachricht!",
        "Der Teilnehmer ist nicht erreichbar.",
        "Laissez un message après le bip",
        "Deje su mensaje después del tono.",
        "Lasciate un messaggio dopo il segnale",
        "Deixe sua mensagem após o sinal.",
        " ".join(["word"] * (LONGEST_ANSWER + 1)),
    ],
)
def test_a_mailbox_is_known_by_what_it_says_and_by_how_long(speech: str):
    assert sounds_like_greeting(speech)


@pytest.mark.parametrize(
    "speech", ["yes", "no thank you", "please stop calling me", "sí", "ja, gern", "the message"]
)
def test_an_answer_is_no_greeting(speech: str):
    assert not sounds_like_greeting(speech)
