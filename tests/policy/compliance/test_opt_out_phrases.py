"""By which words a text asks not to be called again, and which only sound like it."""

import pytest

from policy.compliance.opt_out_phrases import STOP_WORDS, Wish, folded, is_clear, wish_of

STOP = [
    # English
    "stop all calls", "Never call me again!", "Please remove my number from your list",
    "Stop contacting me", "wrong number", "Sorry, you have the wrong number", "STOP CALLING",
    "no more calls please", "I said: do not contact me", "delete my phone number", "opt me out",
    "Don’t ever call here", "stop the calls", "never phone us again",
    # Spanish
    "Dejen de llamarme", "no me llamen más", "Por favor, no me vuelvan a llamar",
    "Elimine mi número", "número equivocado", "no más llamadas", "Se ha equivocado de número",
    "Baja por favor",
    # French
    "Arrêtez de m'appeler", "Ne m’appelez plus jamais", "Supprimez mon numéro svp",
    "mauvais numéro", "Cessez de me contacter", "arrêtez vos appels", "Arrêt", "ne plus m'appeler",
    # German
    "Rufen Sie mich nicht mehr an", "Bitte nie wieder anrufen", "Löschen Sie meine Nummer",
    "loeschen sie meine telefonnummer", "falsche Nummer", "keine Anrufe mehr",
    "Hören Sie auf, mich anzurufen", "Falsch verbunden!", "Abmelden bitte",
    # Italian
    "Smettete di chiamarmi", "non chiamatemi più", "Non mi chiamate mai più",
    "Cancellate il mio numero", "numero sbagliato", "Basta telefonate", "basta",
    # Portuguese
    "Parem de me ligar", "não me ligue mais", "Remova o meu número", "número errado",
    "Não quero mais receber ligações", "nunca mais me ligue", "SAIR",
]  # fmt: skip
UNCLEAR = [
    "Please don't stop calling me, I like it", "leave me alone", "I am not interested",
    "Is this the wrong number?", "I gave you the wrong number for my order, it ends in 12",
    "you never call me back", "please cancel my call tomorrow", "My lawyer will hear of this",
    "make these awful phone people stop", "Déjenme en paz", "Laissez-moi tranquille",
    "Lassen Sie mich in Ruhe", "Lasciatemi in pace", "Me deixem em paz", "kein Interesse",
]  # fmt: skip
CHATTER = [
    "STOP this terrible bill", "", "yes", "Please cancel my appointment", "stop by at noon",
    "I quit smoking", "non-stop", "Can you call me at ten?", "I consent", "It ends at five", "9",
    "Sí, confirmo", "Oui, je viens demain", "Ja, ich komme", "Va bene, grazie", "Sim, confirmo",
    "Call me when the number is ready", "👍", "Ich rufe Sie später zurück",
]  # fmt: skip


@pytest.mark.parametrize("text", STOP)
def test_a_clear_request_is_heard_in_six_languages(text: str):
    assert wish_of(text) is Wish.STOP
    assert wish_of(f"  {text.upper()} ") is Wish.STOP


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_may_be_a_wish_is_for_a_person_to_read(text: str):
    assert wish_of(text) is Wish.UNCLEAR


@pytest.mark.parametrize("text", CHATTER)
def test_chatter_stays_chatter(text: str):
    assert wish_of(text) is Wish.NONE


def test_every_stop_word_is_written_as_it_is_compared():
    assert {folded(word) for word in STOP_WORDS} == STOP_WORDS


def test_speech_is_held_against_the_clear_requests_alone():
    assert is_clear("Never call me again")
    assert not is_clear("you have the wrong number")
    assert not is_clear("stop")
