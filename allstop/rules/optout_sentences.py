"""Clear sentences of the opt-out rule, as rows of slots: "please | stop | texting | me | thanks".

A sentence is compared from its first word to its last: HEADS, one of SENTENCES, TAILS. What stands in none of them
makes it no clear sentence, and a person may have to read it. The words are written as in optout_words.py.
"""

from allstop.rules.optout_words import phrases

# One spelling for each word of a sentence.
SPELLINGS = {
    **dict.fromkeys(("pls", "plz", "plse", "plss", "pleas", "kindly"), "please"),
    **dict.fromkeys(("thx", "thnx", "ty", "tx", "tks"), "thanks"),
    **dict.fromkeys(("txt", "tex", "textt"), "text"),
    **dict.fromkeys(("txts", "textes"), "texts"),
    **dict.fromkeys(("txting", "txtin", "textin", "texing", "textting", "texring"), "texting"),
    **dict.fromkeys(("msg", "mesage"), "message"),
    **dict.fromkeys(("msgs", "mesages"), "messages"),
    **dict.fromkeys(("msging", "messageing", "msgin"), "messaging"),
    **dict.fromkeys(("callin", "caling"), "calling"),
    **dict.fromkeys(("stpo", "sotp", "tsop", "stopp", "stahp", "st0p", "5top", "sto", "stpp", "ztop", "stup"), "stop"),
    **dict.fromkeys(("dnt", "donot"), "dont"),
    **dict.fromkeys(("u", "ya", "yall"), "you"),
    **dict.fromkeys(("ur", "yr"), "your"),
    **dict.fromkeys(("anymor", "nomore"), "anymore"),
    **dict.fromkeys(("unsub", "unsubcribe", "unsuscribe", "unsubscibe", "unsubsribe"), "unsubscribe"),
    **dict.fromkeys(("optout",), "opt out"),
    **dict.fromkeys(("im",), "i am"),
    **dict.fromkeys(("ive",), "i have"),
    **dict.fromkeys(("id",), "i would"),
    **dict.fromkeys(("hes", "shes"), "he is"),
    **dict.fromkeys(("youve",), "you have"),
    **dict.fromkeys(("sms", "smses"), "texts"),
    **dict.fromkeys(("e",), ""),  # "e-mail"
    **dict.fromkeys(("mail", "mails"), "email"),
}

# Left out wherever they stand: they change the tone, not the meaning.
FORCE = frozenset(
    phrases("""
    bloody | christ | damn | damned | dumb | effing | ever | ffs | fing | freaking | friggin | frigging | fuckin |
    fucking | goddam | goddamn | jesus | really | simply | stupid | wtf
    """)
)

# Before a request, in any order and number.
HEADS = phrases("""
    please | hi | hello | hey | hiya | ok | okay | sorry | sorry but | just | and | so | also | well | can you |
    could you | would you | will you | you need to | you must | you can | for the last time | i want you to |
    i would like you to | i need you to | i am asking you to | i ask you to | i asked you to | i said |
    i told you to | i already told you to | i have told you to | i have asked you to | i have asked |
    i have asked before | once again | again | not interested | wrong number | wrong person | scam | spam |
    you have the wrong number | you have the wrong person | you have wrong number
""")

# After a request, in any order and number.
TAILS = phrases("""
    please | thanks | thank you | now | right now | immediately | at once | asap | again | anymore | any more |
    already | for good | forever | from now on | period | effective immediately | at this number |
    on this number | to this number | to this phone | on my phone | to my phone | from you | with texts |
    with these texts | with messages | ok | okay | you people | you idiots | you guys | guys | people | idiots |
    sir | maam | you asshole | you assholes | you jerks | asshole | assholes | goodbye | bye | wrong number |
    wrong person
""")

# What may follow a complete request without a full stop: it begins a thought of its own.
STARTERS = frozenset(
    phrases("""
    and | or | because | cause | cuz | bc | since | i | he | she | we | you | it | not | wrong | its | they |
    thanks | thank | have | please | stop | unsubscribe | do | dont | never | remove | take | leave
    """)
)

# A request beside one of these has a condition, or asks for something else: a person reads it.
TURNS = phrases("""
    instead | only | unless | until | till | except | rather | but | prefer | keep | yes | yeah | confirm |
    confirmed | call me | text me | email me | call my | text my | email my | use my | see you | be there |
    at work | meeting | driving | asleep | sleeping | busy | in class | tonight | at night | weekend | if |
    start | how | why | what | so many | so much | so often
""")
TURNS_AT_FIRST = frozenset(phrases("text | call | email | use | try | write | phone | send"))

# A row of a slot may name other slots.
SLOTS = {
    "STOP": phrases("stop | quit | cease | cease and desist | discontinue"),
    "NOT": phrases("do not | dont | never"),
    "TELL": phrases("text | message | write | write to"),
    "TELLING": phrases("texting | messaging | writing | writing to | spamming"),
    "REACH": phrases("TELL | call | contact | email | phone | ring"),
    "REACHING": phrases("TELLING | calling | contacting | emailing | phoning | ringing"),
    "BOTHER": phrases("bother | disturb | harass | annoy | pester | spam"),
    "BOTHERING": phrases("bothering | harassing | harrassing | bugging | annoying | disturbing | pestering"),
    "ME": phrases("me | us | this number | this phone | this cell | my phone | my number | my cell | here"),
    "OR": phrases("and | or"),
    "TEXTS": phrases("texts | text | text messages | text message | messages | reminders | notifications | alerts"),
    "THINGS": phrases("TEXTS | spam | spam texts | calls | phone calls | emails | texting | crap | shit"),
    "SOME": phrases("""
        me | us | any | more | anymore | all | these | those | the | your | my | of | such | this | ADJECTIVE
    """),
    "ADJECTIVE": phrases("automated | automatic | auto | annoying | unwanted | further | additional | appointment"),
    "THESE": phrases("these | those | me these | me those"),
    "MORE": phrases("THESE | anymore | any more | me anymore | me any more"),
    "REFUSE": phrases("""
        i do not want | i dont want | dont want | i no longer want | i no longer wish | i do not wish |
        i dont wish | i would not like | do not want
    """),
    "GETTING": phrases("getting | receiving"),
    "GET": phrases("to get | to receive | to be getting | to be receiving | to have | to see"),
    "WANT": phrases("i want | i would like | i wish | i am asking | i ask | i request | i need"),
    "DROP": phrases("remove | delete | erase | drop"),
    "TAKE": phrases("take | get | DROP"),
    "OFF": phrases("off | off of | from | out of"),
    "MYSELF": phrases("me | us | my number | this number | my name | my phone number | my phone | my cell | my info"),
    "WHICH": phrases("the | your | this | that | all | all your | all of your | any | any of your | our"),
    "KIND": phrases("text | texting | texts | mailing | contact | call | calling | phone | email | message | patient"),
    "LIST": phrases("list | lists | database | data base | system | systems | records | contacts | phonebook"),
    "CONSENT": phrases("consent | my consent | my permission | all consent"),
}

# A capital name is a slot, `?` may be missing, `*` may come several times. True: of every channel, unless its own
# words name only the one that it came on.
SENTENCES = (
    ("STOP REACHING ME? SOME*", False),
    ("STOP REACHING ME? OR REACHING ME?", False),
    ("STOP BOTHERING ME?", False),
    ("STOP sending SOME* THINGS", False),
    ("STOP sending THESE", False),
    ("STOP it with SOME* THINGS", False),
    ("STOP SOME* THINGS", False),
    ("STOP with SOME* THINGS", False),
    ("STOP GETTING SOME* THINGS", False),
    ("STOP trying to REACH ME", False),
    ("WANT to STOP GETTING SOME* THINGS", False),
    ("STOP THESE", False),
    ("end SOME* THINGS", False),
    ("cancel SOME* THINGS", False),
    ("no more THINGS", False),
    ("no more THINGS OR THINGS", False),
    ("not REACHING ME", False),  # would you mind not texting me
    ("NOT REACH ME", False),
    ("NOT REACH OR REACH ME?", False),
    ("NOT BOTHER ME", False),
    ("NOT send SOME* THINGS", False),
    ("NOT send MORE", False),
    ("REFUSE GET? SOME* THINGS", False),
    ("REFUSE GET? SOME* THINGS OR THINGS", False),
    ("REFUSE GET? MORE", False),
    ("REFUSE to be texted", False),
    ("REFUSE to be messaged", False),
    ("REFUSE to be called", True),
    ("REFUSE to be contacted", True),
    ("unsubscribe", False),
    ("unsubscribe ME", False),
    ("unsubscribe ME? OFF WHICH? KIND? LIST", False),
    ("unsubscribe ME? OFF SOME* THINGS", False),
    ("unsubscribe ME? OFF everything", True),
    ("unsubscribe ME? OFF all", True),
    ("WANT to unsubscribe", False),
    ("WANT to be unsubscribed", False),
    ("WANT to opt out", False),
    ("WANT to opt out of SOME* THINGS", False),
    ("opt out", False),
    ("opt out of SOME* THINGS", False),
    ("opt ME out", False),
    ("opt ME out of SOME* THINGS", False),
    ("i am opting out", False),
    ("revoke CONSENT", False),
    ("i revoke CONSENT", False),
    ("i revoke CONSENT to receive SOME* THINGS", False),
    ("i withdraw CONSENT", False),
    ("consent revoked", False),
    ("i do not consent to SOME* THINGS", False),
    ("DROP MYSELF", True),
    ("TAKE MYSELF OFF WHICH? KIND? LIST", True),
    ("WANT to be removed", True),
    ("WANT to be removed OFF WHICH? KIND? LIST", True),
    ("WANT to be taken OFF WHICH? KIND? LIST", True),
    ("WANT MYSELF removed", True),
    ("i want off WHICH? KIND? LIST", True),
    ("put ME on WHICH? do not call list", True),
    ("put ME on WHICH? do not contact list", True),
    ("add ME to WHICH? do not call list", True),
    ("add ME to WHICH? do not contact list", True),
    ("leave me alone", True),
    ("lose my number", True),
    ("lose this number", True),
    ("forget my number", True),
    ("fuck off", False),
    ("f off", False),
    ("piss off", False),
    ("go away", False),
    ("get lost", False),
)

# What names a channel, in a sentence that opts out.
NAMES_TEXTS = frozenset(phrases("text | texts | texting | texted"))
NAMES_CALLS = frozenset(phrases("call | calls | calling | called | phone | phoning | ring | ringing"))
NAMES_EMAILS = frozenset(phrases("email | emails | emailing | emailed"))
NAMES_ALL = frozenset(phrases("contact | contacting | contacted | everything"))
