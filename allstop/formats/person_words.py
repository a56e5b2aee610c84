"""What the columns of contacts are called: the names that reminder files use as well, and what address books add.

All names are folded (months.folded). Outlook numbers its columns (E-mail 2 Address), Google says what a column is in
its last word (Phone 1 - Value): numbers and such words are taken away before a name is looked up.
"""

from allstop.formats.person import PersonField
from allstop.formats.words import NAMES as REMINDER_NAMES
from allstop.formats.words import Field

_FROM_REMINDERS: dict[Field, PersonField] = {
    Field.GIVEN_NAME: PersonField.GIVEN_NAME,
    Field.FAMILY_NAME: PersonField.FAMILY_NAME,
    Field.FULL_NAME: PersonField.FULL_NAME,
    Field.PHONE: PersonField.PHONE,
    Field.MOBILE: PersonField.PHONE,
    Field.PHONE_2: PersonField.PHONE,
    Field.EMAIL: PersonField.EMAIL,
    Field.PATIENT_ID: PersonField.EXTERNAL_ID,
    Field.LANGUAGE: PersonField.LANGUAGE,
    Field.COUNTRY: PersonField.COUNTRY,
    Field.ZONE: PersonField.ZONE,
    Field.LOCATION_CODE: PersonField.LOCATION,
    Field.LOCATION_NAME: PersonField.LOCATION,
    Field.NOTES: PersonField.NOTES,
}

_MORE: dict[PersonField, str] = {
    PersonField.GIVEN_NAME: "givennames nombredepila",
    PersonField.FAMILY_NAME: "familynames",
    PersonField.FULL_NAME: "fileas nameprefixfirstlast",
    PersonField.PHONE: """phones morephones otherphone mainphone hometelephone homephones iphone telephonemobile
        mobilephones carphone telefonmobil telefonprivat telefongeschaftlich handyprivat mobiltelefonnummer
        telephonebureau telephoneprincipal telephonedomicile telefonoparticular telefonomovil
        telefonodeltrabajo""",
    PersonField.EMAIL: """moreemails emails emailvalue homeemail workemail otheremail emailprivat emailgeschaftlich
        emailaddresses adressedemessagerie direcciondecorreoelectronico""",
    PersonField.EXTERNAL_ID: "ownid externalid sourceid crmid personnumber kundennummer",
    PersonField.LOCATION: "homelocation",
    PersonField.ASSIGNED_TO: """assignedto assigned owner contactowner accountmanager salesrep responsible
        zustandig bearbeiter responsable""",
    PersonField.GROUP: """group groups groupmembership label labels category categories tag tags list lists
        gruppe gruppen kategorie kategorien groupe groupes categorie grupo grupos etiquetas""",
    PersonField.FLAG: "flag flagged",
    PersonField.STOP_ALL: """stopall donotcontact dnc donotdisturb nocontact blocked blacklisted
        nichtkontaktieren nepascontacter nocontactar""",
    PersonField.STOP_PROMOTIONS: """stoppromotions nopromotions nomarketing marketingoptout promotionsoptout
        optoutmarketing keinewerbung""",
    PersonField.OPTED_OUT: """optedout optout unsubscribed unsubscribe hasoptedout isoptedout optstatus
        abgemeldet desabonne dadodebaja""",
}

CHANNEL_NAMES = {
    # opted out of one channel
    "donottext": "text",
    "nosms": "text",
    "notexts": "text",
    "smsoptout": "text",
    "textoptout": "text",
    "smsoptedout": "text",
    "donotcall": "call",
    "nocalls": "call",
    "calloptout": "call",
    "phoneoptout": "call",
    "donotemail": "email",
    "noemail": "email",
    "noemails": "email",
    "emailoptout": "email",
    "hasoptedoutofemail": "email",
    "emailoptedout": "email",
}

_COMPANY = frozenset({"department", "departmentid", "office", "officename", "shop", "store", "with", "number"})
"""What a reminder file calls a location, an address book says of where somebody works."""

NAMES: dict[str, PersonField] = {
    **{
        name: _FROM_REMINDERS[field]
        for name, field in REMINDER_NAMES.items()
        if field in _FROM_REMINDERS and name not in _COMPANY
    },
    **{name: field for field, names in _MORE.items() for name in names.split()},
    **dict.fromkeys(CHANNEL_NAMES, PersonField.OPTED_OUT),
}

DROPPED_WORDS = frozenset({"value", "values", "optional"})
"""Google's "Phone 1 - Value" is "Phone 1"."""

_SOMETHING_ELSE = """
    fax pager telex isdn ttytdd tty tdd assistant assistants manager managers spouse emergency company callback radio
    referral referred organization type label display hobby yomi phonetic prefix suffix nickname initials billing
    street city state postal zip box pobox address2 address3 region created updated modified date birthday
    anniversary
"""
NOT_OF_THE_PERSON = frozenset(_SOMETHING_ELSE.split())
"""A column with such a word in its name holds something else, or somebody else's."""

SYSTEM_GROUPS = frozenset({"mycontacts", "starred", "contacts", "othercontacts", "all"})
"""Groups that Google Contacts writes for everybody."""
