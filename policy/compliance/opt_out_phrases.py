"""The words by which people ask not to be called again, in six languages, as tables.

Texts are judged in three degrees: a wish, something that a person has to read, or chatter. Speech
in a call is held against the clear requests alone.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum


class Wish(StrEnum):
    """What a text comes to. UNCLEAR: it may be a wish, and a person is to read it."""

    STOP = "stop"
    UNCLEAR = "unclear"
    NONE = "none"


#: A text that is one of these and says no more (47 CFR 64.1200(a)(10); what carriers take).
STOP_WORDS = frozenset({
    # English
    "stop", "stopall", "stop all", "quit", "end", "revoke", "cancel", "unsubscribe", "optout",
    "opt out",
    # Spanish, French
    "alto", "baja", "parar", "detener", "cancelar", "arret", "arretez", "arreter", "desabonner",
    # German, Italian, Portuguese
    "stopp", "halt", "abmelden", "aufhoren", "ferma", "fermati", "basta", "annulla", "pare",
    "sair", "descadastrar",
})  # fmt: skip
#: What may stand around such a word and changes nothing.
COURTESY = frozenset({
    "please", "pls", "plz", "thanks", "thank", "you", "thx", "now", "just", "ok", "okay", "hi",
    "hello", "it", "this", "that", "por", "favor", "gracias", "sil", "te", "vous", "plait", "svp",
    "merci", "bitte", "danke", "per", "favore", "grazie", "obrigado", "obrigada",
})  # fmt: skip

#: Requests that are clear wherever they stand. Written without accents, in small letters.
CLEAR: dict[str, tuple[str, ...]] = {
    "en": (
        r"(?:stop|quit|cease) (?:calling|contacting|phoning|ringing|texting|messaging|dialing)",
        r"stop (?:all |all of |the |these |those |your |any |making |further |more )+calls?",
        r"(?:do not|dont)(?: you)?(?: ever)? (?:call|contact|phone|ring)",
        r"never (?:ever )?(?:call|contact|phone|ring) (?:(?:me|us|here|my number|this number) )?"
        r"(?:again|any ?more|ever)",
        r"no (?:more|further) calls",
        r"(?:remove|delete|erase|take) (?:my|this|our) (?:\w+ )?number",
        r"remove me|take me off|opt (?:me )?out|unsubscribe",
        r"lose my number",
    ),
    "es": (
        r"(?:dej(?:a|e|en|ad|ar)|par(?:a|e|en|ad)) de (?:llamar|contactar|molestar|telefonear)\w*",
        r"no (?:me |nos )?(?:llamar|(?:llam|molest|telefone)e[ns]?) (?:mas|nunca|otra vez)",
        r"no (?:me |nos )?contacte[ns]? (?:mas|nunca|otra vez)|nunca mas (?:me |nos )?llame[ns]?",
        r"no (?:me |nos )?vuelva[ns]? a (?:llamar|contactar)\w*",
        r"no (?:quiero|deseo)(?: recibir)? mas llamadas|(?:no mas|basta de) llamadas",
        r"(?:pare|paren|detenga|detengan|cancele|cancelen) (?:todas )?(?:las|sus) llamadas",
        r"(?:elimin|borr|quit|retir)(?:a|e|en|ad) mi (?:\w+ )?numero",
    ),
    "fr": (
        r"(?:arret|cess)\w* (?:de |d)?(?:me |nous )?m?(?:appel|rappel|contact|telephon|harcel)\w*",
        r"ne (?:me |nous )?m?(?:appel|rappel|contact|telephon)\w* (?:plus|jamais)",
        r"ne plus (?:me |nous )?m?(?:appel|rappel|contact|telephon)\w*",
        r"(?:arret|cess)\w* (?:tous )?(?:les|ces|vos) appels",
        r"(?:supprim|effac|retir|enlev)\w* mon (?:\w+ )?numero",
        r"(?:retir|enlev|supprim)\w* moi de|desinscri\w*|desabonn\w*",
    ),
    "de": (
        r"(?:ruf|kontaktier)\w* (?:sie |ihr )?(?:bitte )?(?:mich|uns|hier)(?: bitte)?"
        r" (?:nicht|nie|niemals) (?:mehr|wieder)",
        r"(?:nicht|nie|niemals) (?:mehr|wieder) (?:anruf|anzuruf|kontaktier)\w*",
        r"keine (?:weiteren )?anrufe mehr|keine weiteren anrufe",
        r"ho(?:e)?r\w* (?:sie )?auf (?:mich |uns )?anzurufen",
        r"(?:lo(?:e)?sch|entfern|streich)\w* (?:sie )?(?:bitte )?(?:meine|diese)"
        r" (?:\w+ )?\w*nummer",
    ),
    "it": (
        r"(?:smett|finit|piant)\w* (?:di |con le )(?:chiam|contatt|telefon|disturb)\w*",
        r"non (?:mi |ci )?(?:chiam|richiam|contatt|telefon)\w* (?:piu|mai)",
        r"non (?:voglio|desidero) (?:piu )?(?:ricevere )?(?:altre |piu )?(?:chiamate|telefonate)",
        r"basta (?:con le )?(?:chiamate|telefonate)",
        r"(?:cancell|rimuov|elimin|togli)\w* il mio (?:\w+ )?numero",
    ),
    "pt": (
        r"(?:par|deix)(?:a|e|em|ar) de (?:me |nos )?(?:ligar|contactar|contatar|telefonar)\w*",
        r"nao (?:me |nos )?(?:lig|contat|contact|telefon)\w* (?:mais|nunca|de novo|novamente)",
        r"nunca mais (?:me |nos )?(?:ligue|liguem|contate|contatem|contacte|contactem)",
        r"nao quero (?:mais |receber )+(?:as |suas )?(?:ligacoes|chamadas)",
        r"(?:remov|retir|apag|exclu|elimin|tir)\w* (?:o )?meu (?:\w+ )?numero",
    ),
}  # fmt: skip
#: Whoever says so in few words cannot be meant by our calls; in a story it may be another number.
WRONG_NUMBER: dict[str, tuple[str, ...]] = {
    "en": (r"wrong (?:phone )?number",),
    "es": (r"numero equivocado|(?:equivoco|equivocado|equivocaron) de numero",),
    "fr": (r"(?:mauvais|faux) numero|(?:trompe\w*|erreur) de numero",),
    "de": (r"falsche (?:\w+)?nummer|falsch verbunden",),
    "it": (r"numero sbagliato|sbagliato numero",),
    "pt": (r"numero errado|ligou errado|foi engano",),
}
_FEW_WORDS = 9
#: Somebody else's mistake, or the person's own: then the wrong number is not ours for sure.
_TOLD_ABOUT = r"gave|give|given|enter\w*|typ\w*|dial\w*|wrote|put|my order|di|marque|donne|gegeben"

#: What sounds like a refusal and may be one: read by a person.
REFUSALS: dict[str, tuple[str, ...]] = {
    "en": (
        r"leave (?:me|us) alone|not interested|go away|harass\w*|lawyer|sue you|report(?:ing)? you",
        r"spam|scam|fed up|no more(?: please)?$|wrong person|no consent|(?:not|never) consent\w*",
        r"(?:didnt|did not|never) sign(?:ed)? up",
        r"(?:how|where) did you get (?:my|this)",
    ),
    "es": (r"(?:dejeme|dejenme|dejame) en paz|no me interesa|abogado|acoso|persona equivocada",),
    "fr": (r"laissez? moi tranquille|pas interesse\w*|avocat|harcelement|plus d ?appels?",),
    "de": (r"(?:lassen sie|lasst|lass) mich in ruhe|kein interesse|anwalt|belastigung",),
    "it": (r"lasciat?e?mi in pace|non mi interessa|non sono interessat\w|avvocato|molestie",),
    "pt": (r"me deixe\w* em paz|nao tenho interesse|nao me interessa|advogado|assedio",),
}
#: A word for an end and a word for calls in one text: perhaps a wish in words of its own.
_ENDS = (
    r"stop|stopp|never|quit|cease|end|remove|delete|block|cancel|enough|halt|basta|alto|par(?:a|e|em|en)"
    r"|dej\w{1,3}|cancel\w{1,3}|arret\w*|cess\w*|aufhor\w*|abmeld\w*|smett\w*|ferm\w{1,3}|deixe\w*"
)
_CALLS = (
    r"calls?|calling|called|contact\w*|phon\w+|ring\w*|texts?|texting|messages?|number|list"
    r"|llam\w+|numero|m?appel\w*|numeros|anruf\w*|anzurufen|ruf\w*|\w*nummer|chiam\w+|telefon\w*"
    r"|ligar|ligue\w*|ligacoes|chamadas?|lista|liste"
)
_NOT_WORDS = re.compile(r"[^\w]+")
_NOT_LETTERS = re.compile(r"[^a-z ]+")
#: "Don't stop calling me" is none of it, or a slip: a person reads it.
_NEGATED = re.compile(r"(?:^| )(?:dont|not|never|didnt|wont|cant|cannot)(?: ever)? $")


def _any(*tables: dict[str, tuple[str, ...]]) -> re.Pattern[str]:
    return _words(one for table in tables for phrases in table.values() for one in phrases)


def _words(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)")


_IS_CLEAR = _any(CLEAR)
_IS_WRONG_NUMBER = _any(WRONG_NUMBER)
_IS_REFUSAL = _any(REFUSALS)
_IS_TOLD = _words([_TOLD_ABOUT])
_HAS_END, _HAS_CALL = _words([_ENDS]), _words([_CALLS])


def folded(text: str) -> str:
    """A text as the tables are written: words only, in small letters, without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", ""))
    letters = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _NOT_WORDS.sub(" ", letters).strip()


def is_clear(text: str) -> bool:
    """Whether somebody asks not to be called again, said or written."""
    return _IS_CLEAR.search(folded(text)) is not None


def wish_of(text: str) -> Wish:
    """What a text to one of our numbers asks for."""
    said = folded(text)
    if _is_stop_word(said) or _asks_clearly(said):
        return Wish.STOP
    if _IS_WRONG_NUMBER.search(said):
        is_plain = len(said.split()) <= _FEW_WORDS and "?" not in text
        return Wish.STOP if is_plain and not _IS_TOLD.search(said) else Wish.UNCLEAR
    return Wish.UNCLEAR if _may_be_wish(said) else Wish.NONE


def _is_stop_word(said: str) -> bool:
    words = _NOT_LETTERS.sub(" ", said).split()
    return " ".join(word for word in words if word not in COURTESY) in STOP_WORDS


def _asks_clearly(said: str) -> bool:
    found = _IS_CLEAR.finditer(said)
    return any(not _NEGATED.search(said[: match.start()]) for match in found)


def _may_be_wish(said: str) -> bool:
    if _IS_CLEAR.search(said) or _IS_REFUSAL.search(said):
        return True
    return bool(_HAS_END.search(said) and _HAS_CALL.search(said))
