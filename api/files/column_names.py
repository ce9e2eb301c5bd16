"""What the name of a column says of what it holds: numbers to call, something else, or nothing.

Names are compared by their words, without case, accents and punctuation, in the languages that
lists come in.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import IntEnum

from policy.model.call import NumberType

#: One of these words, or a word that begins so, says that a column holds phone numbers.
_PHONE = frozenset({
    "endpoint", "phone", "phones", "phoneno", "phonenumber", "telephone", "mobile", "cell",
    "cellphone", "cellular", "msisdn", "whatsapp", "sms", "gsm", "tel", "telno", "telnr",
    "telefon", "telefonnr", "handy", "mobil", "rufnummer", "rufnr", "festnetz",
    "portable", "numtel", "telefono", "telefoon", "telefone", "celular", "movil", "cellulare",
    "mobiel", "telemovel", "telf", "fone", "puhelin", "matkapuhelin", "telefonszam",
    "телефон", "мобильный", "τηλεφωνο", "кинито", "κινητο", "电话", "電話", "手机", "手機",
    "電話番号", "携帯", "전화", "전화번호", "휴대폰", "هاتف", "جوال", "फोन",
})  # fmt: skip
_PHONE_BEGINS = (
    "telefon", "telephon", "phonenum", "handynum", "handynr", "mobilnum", "mobilfunk", "mobiltel",
    "mobilenum", "mobileno", "mobilephone", "rufnum", "telefoonn", "cellnum", "numerodetel",
)  # fmt: skip
#: These alone say it; with another word they may be of anything: "account number".
_ALONE = frozenset({
    "number", "numbers", "numero", "numeros", "nummer", "to", "callee", "dial",
    "contactnumber", "contactno", "callback", "номер", "番号", "号码", "번호",
})  # fmt: skip
#: Words beside a phone word that change nothing of whose number it is.
_FILLERS = frozenset({
    "number", "numbers", "num", "no", "nr", "n", "nummer", "numero", "nro", "e164", "e", "164",
    "the", "main", "primary", "default", "preferred", "1", "de", "du", "del", "di", "da", "of",
    "contact", "customer", "client", "patient", "recipient", "kunde", "kontakt", "cliente", "my",
    "haupt", "principal", "номер", "to", "call",
})  # fmt: skip
#: Numbers of somebody or something else, or no numbers at all.
_OTHER = frozenset({
    "emergency", "notfall", "urgence", "emergencia", "emergenza", "kin", "guardian", "relative",
    "fax", "telefax", "facsimile", "telecopie", "id", "ids", "uid", "uuid", "account", "acct",
    "konto", "compte", "cuenta", "conto", "iban", "order", "invoice", "rechnung", "bestellung",
    "policy", "reference", "ref", "ticket", "case", "customerid", "kundennummer", "kundennr",
    "zip", "zipcode", "postal", "postcode", "plz", "cap", "cp", "ssn", "tax", "vat", "steuer",
    "birthday", "birth", "dob", "geburtstag", "date", "datum", "time", "timestamp", "amount",
    "betrag", "price", "balance", "sum", "total", "serial", "imei", "type", "carrier", "code",
    "extension", "ext", "consent", "optin", "verified", "valid", "notes", "note", "timezone",
    "agent", "sales", "support", "callerid", "from", "old", "previous", "alt",
    "alternate", "alternative", "secondary", "backup", "customernumber", "clientnumber", "2", "3",
})  # fmt: skip
#: Names that columns of contacts have; one of them makes a row a header.
_COMMON = frozenset({
    "name", "vorname", "nachname", "firstname", "lastname", "surname", "fullname", "nom", "prenom",
    "nombre", "apellido", "apellidos", "nome", "cognome", "sobrenome", "naam", "anrede", "titel",
    "email", "mail", "adresse", "address", "direccion", "indirizzo", "endereco", "street",
    "strasse", "city", "stadt", "ort", "ville", "ciudad", "citta", "cidade", "state", "country",
    "land", "pays", "pais", "paese", "company", "firma", "societe", "empresa", "azienda",
    "granted", "evidence", "language", "sprache", "langue", "idioma", "lingua", "gender",
    "appointment", "termin", "first", "last", "contact", "customer", "kunde", "client",
    "clienttoken",
})  # fmt: skip

#: Words of columns of numbers that tell where the phone is.
_OF_TYPE: Mapping[NumberType, frozenset[str]] = {
    NumberType.HOME: frozenset({
        "home", "private", "privat", "festnetz", "landline", "house", "domicile", "casa", "fixe",
    }),
    NumberType.MOBILE: frozenset({
        "mobile", "cell", "cellphone", "cellular", "handy", "mobil", "portable", "movil", "celular",
        "cellulare", "mobiel", "telemovel",
    }),
    NumberType.WORK: frozenset({
        "work", "office", "business", "arbeit", "buro", "firma", "travail", "bureau", "trabajo",
        "ufficio", "werk", "kantoor",
    }),
}  # fmt: skip
_KNOWN = _COMMON | _OTHER | _FILLERS

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class PhoneName(IntEnum):
    """How surely a name says that its column has the numbers to call."""

    OTHER = -1
    NOTHING = 0
    SOME = 1
    SURE = 2


def words_of(name: str) -> list[str]:
    """The words of a name, folded: "Téléphone (mobile)" has telephone and mobile."""
    apart = _CAMEL.sub(" ", name).casefold().replace("ß", "ss")
    folded = unicodedata.normalize("NFKC", _without_accents(apart))
    return _WORD.findall(folded)


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    # Only of Latin and Greek letters: in other scripts such marks make other letters.
    kept = [
        letter
        for letter in decomposed
        if not (unicodedata.category(letter) == "Mn" and "\u0300" <= letter <= "\u036f")
    ]
    return unicodedata.normalize("NFC", "".join(kept))


def phone_name(name: str) -> PhoneName:
    """What the name says."""
    words = words_of(name)
    joined = "".join(words)
    if joined in _ALONE:
        return PhoneName.SOME
    says = [word for word in words if _says_phone(word)]
    if joined in _OTHER or any(word in _OTHER for word in words):
        return PhoneName.OTHER
    if not says:
        return PhoneName.SURE if _says_phone(joined) else PhoneName.NOTHING
    rest = [word for word in words if word not in says and word not in _FILLERS]
    return PhoneName.SOME if rest else PhoneName.SURE


def number_type(name: str) -> NumberType | None:
    """Whose phone a column of numbers is said to be; None: its name does not tell."""
    words = set(words_of(name))
    says = [kind for kind, of_kind in _OF_TYPE.items() if words & of_kind]
    return says[0] if len(says) == 1 else None


def _says_phone(word: str) -> bool:
    return word in _PHONE or word.startswith(_PHONE_BEGINS)


def is_known_name(cell: str) -> bool:
    """Whether columns of lists are called so."""
    words = words_of(cell)
    joined = "".join(words)
    if not words or len(words) > 6 or joined.isdigit():
        return False
    return phone_name(cell) > PhoneName.NOTHING or joined in _KNOWN or _KNOWN.issuperset(words)


def is_alike(first: str, second: str) -> bool:
    """Whether two names differ in case, accents and punctuation only."""
    return "".join(words_of(first)) == "".join(words_of(second))


def index_of(names: Sequence[str], wanted: str) -> int | None:
    """Of the column that is called so, exactly or but for such differences."""
    if wanted in names:
        return names.index(wanted)
    return next((n for n, name in enumerate(names) if is_alike(name, wanted)), None)
