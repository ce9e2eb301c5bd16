"""Whether what was pressed or said proves a person: stronger than any detector's verdict.

A key always does. Speech does as an answer: short, and taken for one by the question, or heard
while no machine was found. A mailbox talks, too, and its greeting comes as speech to whoever asks a
question into it: what is long, or speaks of messages and tones, proves nobody.
"""

from policy.compliance.disclosures import plain_words

#: An answer to a question is shorter, a greeting hardly ever.
LONGEST_ANSWER = 12

#: What greetings of mailboxes say, in the languages in which texts to stop are read.
_OF_MAILBOXES = (
    *("leave a message", "leave me a message", "leave your message", "leave your name"),
    *("after the tone", "after the beep", "at the tone", "at the beep", "voicemail", "voice mail"),
    *("you have reached", "youve reached", "is not available", "cant take your call", "mailbox"),
    *("cannot take your call", "come to the phone", "get back to you", "forwarded to"),
    *("nachricht hinterlassen", "hinterlassen sie", "nach dem ton", "nach dem signalton"),
    *("nicht erreichbar", "anrufbeantworter", "sprachbox"),
    *("laissez un message", "laissez moi un message", "après le bip", "après le signal"),
    *("répondeur", "messagerie", "boîte vocale"),
    *("deje un mensaje", "deje su mensaje", "después del tono", "después de la señal"),
    *("buzón de voz", "contestador"),
    *("lasciate un messaggio", "lascia un messaggio", "dopo il segnale", "segreteria"),
    *("deixe uma mensagem", "deixe sua mensagem", "após o sinal", "caixa postal"),
    *("caixa de correio", "correio de voz"),
)


def proves_person(
    digits: str | None, speech: str | None, *, is_taken: bool, found_machine: bool
) -> bool:
    """`is_taken`: the question had a way for it, or it asked for no more calls."""
    if digits:
        return True
    if not speech or sounds_like_greeting(speech):
        return False
    return is_taken or not found_machine


def sounds_like_greeting(speech: str) -> bool:
    """Whether a mailbox may have said it."""
    words = plain_words(speech)
    spaced = f" {words} "
    return len(words.split()) > LONGEST_ANSWER or any(f" {one} " in spaced for one in _OF_MAILBOXES)
