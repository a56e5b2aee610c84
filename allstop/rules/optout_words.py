"""The words of the opt-out rule: tables that a reader checks by eye, and optout.py goes by.

| table | holds |
|---|---|
| OPT_OUT_WORDS, ALL_CHANNELS | whole replies that opt out, of the channel they came on or of every channel |
| OPT_IN_WORDS, HELP_WORDS | whole replies that take it back, or ask who we are |
| DOUBTFUL_WORDS | whole replies that may be a no: a person reads them |
| SIGNS, PAIRS | what makes a reply worth a person's look when nothing else fits |
| INNOCENT | phrases in which a sign means something else: a bus stop, a pill |

Clear sentences are in optout_sentences.py. Everything is written as it is compared: small letters, no accents, no
apostrophes ("dont"), one phrase after the other with | between.

Sources: 47 CFR 64.1200(a)(10) (stop, quit, end, revoke, opt out, cancel, unsubscribe), the carriers' lists (STOPALL,
OPTOUT, ARRET, TD, REMOVE), the words that texting customers are known to use (from "x" to "leave me alone"), and their
like in the languages that a front desk meets.
"""


def phrases(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.replace("\n", " ").split("|"))


_OF_THE_LAW = phrases("""
    stop | quit | end | revoke | opt out | cancel | unsubscribe
""")
_OF_CARRIERS_AND_CUSTOMERS = phrases("""
    arret | td | remove | block | x | unsub | stop this | stop texts | stop texting | shut up | do not text |
    do not text me | dont text | dont text me | f**k you | fuck you | f off | stop sms
""")
# from "Reply STOP to end"
_COPIED = phrases("""
    reply stop | text stop | send stop | stop to end | stop to opt out | stop to unsubscribe | stop 2 end
""")
_MISSPELLED = phrases("""
    stpo | sotp | tsop | stopp | unsubcribe | unsuscribe | unsubscibe | unsubsribe | unsbscribe
""")
# French, Spanish, German, Dutch, Portuguese, Italian, Polish, Russian, Chinese, Japanese, Korean, Arabic
_IN_OTHER_LANGUAGES = phrases("""
    arreter | arretez | arrete | desinscription | desabonner | me desabonner | desabonnement | alto | parar | pare |
    baja | dar de baja | darme de baja | no mas mensajes | no mas textos | abmelden | abbestellen | keine sms mehr |
    keine nachrichten mehr | afmelden | uitschrijven | geen sms meer | sair | descadastrar | cancelar inscricao |
    disiscrivimi | disiscriviti | disiscrizione | wypisz | wypisz mnie | стоп | отписаться | отписка | 退订 | 退訂 |
    停止 | 取消订阅 | 取消訂閱 | 配信停止 | 수신거부 | 중지 | إلغاء الاشتراك | إيقاف
""")
OPT_OUT_WORDS = _OF_THE_LAW + _OF_CARRIERS_AND_CUSTOMERS + _COPIED + _MISSPELLED + _IN_OTHER_LANGUAGES

# More than the channel that they came on, whichever that was.
ALL_CHANNELS = phrases("""
    stop all | stop everything | end all | leave me alone | stop calling | do not call | do not call me |
    dont call | dont call me | ne mappelez plus
""")

# YES opts in nowhere: too many other questions are answered by it.
OPT_IN_WORDS = phrases("""
    start | unstop | resume | opt in | opt me in | opt back in | opt me back in | subscribe | resubscribe |
    subscribe me | start texts | start texting | start texting me | resume texts | resume texting |
    start texting me again | start texts again | iniciar | reanudar
""")

HELP_WORDS = phrases("""
    help | help me | info | information | aide | ayuda | hilfe | aiuto
""")

DOUBTFUL_WORDS = phrases("""
    no more | nomore | enough | enough already | no contact | mute | unfollow | off | out | opt | do not | dont |
    delete | delete this | erase | pause | quitting | i quit | quit it | blocked | spam | scam | cancel it |
    cancel that | cancel this | cancel all | cancel everything | cancelled | canceled | cancel reminder | end it |
    end this | cancelar | annuler | stornieren | deceased | email only | top | sop | stp | atop | basta |
    basta ya | no mas | genug | ca suffit | text only | dont bother | this is not my number | dnc | stop1 | 1stop |
    stop2 | 2stop | sstop | stap | pleasestop | plsstop | plzstop | aufhoren | halt
""")

# Without a letter beside them: stop sign, finger, prohibited, no entry, raised hand, no pedestrians.
DOUBTFUL_SIGNS = "\U0001f6d1\U0001f595\U0001f6ab\u26d4\u270b\U0001f6b7"

# The lists' words that say little when somebody is only polite around them: "please stop", "cancel, thanks".
MILD_WORDS = frozenset(phrases("stop | quit | end | cancel | remove | block | x | td | arret | stopp"))
SURE_WORDS = frozenset(phrases("unsubscribe | revoke | stopall"))

# Words of courtesy: they turn no request into a question.
COURTESY = frozenset(
    phrases("please | thanks | thank | you | hi | hello | hey | ok | okay | sorry | sir | maam | now | just | already")
)

# Beside a bare "stop" they make it clear.
EXCUSES = phrases("""
    wrong number | wrong person | you have the wrong number | you have the wrong person | not interested |
    you have wrong number | i am not interested
""")

MEDICINES = phrases("""
    antibiotic | antibiotics | pill | pills | drops | meds | med | medication | medications | medicine | aspirin |
    ibuprofen | tablets | steroids | cream | insulin | inhaler | ointment | blood thinner | blood thinners |
    treatment | therapy | exercises | diet | birth control | statin | statins
""")

_STOPS = phrases("""
    stop by | stop in | stop over | stop off | stop at the | stop at your | stop and go | stop sign | stop signs |
    stop light | stop lights | stop watch | stop payment | stop loss | bus stop | subway stop | train stop |
    tram stop | metro stop | truck stop | rest stop | pit stop | full stop | next stop | last stop | f stop |
    first stop | one stop | non stop | what stop | which stop | my stop | your stop | a stop | cant stop |
    cannot stop | can not stop | wont stop | dont stop | will not stop | do not stop | never stop | doesnt stop |
    does not stop | didnt stop | did not stop | should i stop | had to stop | stop taking | stop eating |
    stop drinking | stop smoking | stop wearing | stop using | stop bleeding | stop itching | stop vaping |
    stop breastfeeding | stop nursing | stop working | stop hurting | stop coughing | stop laughing |
    quit smoking | quit drinking | quit vaping | quit my job | quit work | quit working | quit school |
    quit the gym | waiting list | wait list | waitlist | off the schedule | off your schedule | me off hold |
    off my shoes | please keep texting | dont stop texting | do not stop texting | dont stop sending |
    do not stop sending
""")
INNOCENT = _STOPS + tuple(
    f"stop {which}{drug}" for which in ("", "the ", "my ", "these ", "this ") for drug in MEDICINES
)

# One of these in what is left of a reply, and a person reads it.
SIGNS = phrases("""
    stop | stopall | unsubscribe | unsubscribed | unsubscribing | opt out | opted out | opting out | revoke |
    cease | quit | spam | spamming | harass | harassing | harassment | harrassing | scammer | scammers |
    do not text | dont text | never text | do not call | dont call me | dont call the | never call |
    do not message | dont message | do not contact | dont contact | never contact | do not email | dont email |
    do not send | dont send | do not leave | dont leave messages | dont leave voicemails | leave me alone |
    leave us alone | leave us in peace | leave my | go away | bothering me | annoying | no more texts |
    no more messages | no more calls | no more emails | no more reminders | no more promotions |
    no more advertising | no more ads | no texts | no calls | no messages | no emails | too many texts |
    too many messages | too many calls | text too much | text less | fewer texts | less texts | hate these |
    not get texts | get these texts | texting me | calling me all | enough texts | prefer email | only text me |
    only call me | only want texts | text only | email only | call me instead | text me instead | text instead |
    wrong number | wrong person | wrong guy | no longer has this | does not live here | doesnt live here |
    this is not | not my number | these texts | turn off | turn this off | hold off on the texts |
    not interested | not sign up | never signed up | didnt sign up | permission | gave you my number |
    get my number | get this number | reporting you | report you | lawyer | fcc | blocking you | you blocked |
    youre blocked | you are blocked | passed away | died | deceased | i moved away | i have moved |
    another doctor | another dentist | changed dentists | changed doctors | a patient anymore | a patient there |
    i am done | done with this | basta | update your records | pause texts | cancel please | please cancel |
    please end | no text | want texts | wanting texts | want these texts | want reminders | discontinue |
    nicht mehr schreiben | schreiben sie mir nicht mehr | schreibt mir nicht | no me escriban | no me escribas |
    no me manden | darme de baja | necrivez plus | ne mecrivez | delete my data | erase my data |
    enough with | knock it off | cut it out | back off | bugger off | disable | deactivate | close my account |
    subscription | no longer interested | numero equivocado | mauvais numero | falsche nummer | no me mande |
    no me mandes | no me envie | no me envien | no me escriba | no me llame | mas mensajes | plus de messages |
    menvoyez | keine sms | keine nachrichten | schreiben sie mir nicht | horen sie auf | hor auf | nao me mande |
    nao envie | non scrivetemi | basta messaggi | i do not want this | i dont want this | i dont want it |
    solo mensajes
""")

# One of the first and one of the second in one reply, and a person reads it.
PAIRS = (
    (
        phrases("remove | take | delete | erase | drop"),
        phrases("number | list | lists | reminders | duplicate | texts"),
    ),
    (phrases("remove | take"), phrases("husband | wife | mother | father | daughter | son | mom | dad")),
    (phrases("arrete | arretez | arreter"), phrases("messages | message | texts | envoyer")),
)

# A phone's way to say that somebody tapped on our text: what follows in quotes is ours.
REACTIONS = phrases(
    "liked | loved | disliked | laughed at | emphasized | emphasised | questioned | reacted | removed | a aime"
)

# What no account may make an opt-out: answers to a reminder, and greetings.
DAILY_REPLIES = phrases("""
    yes | y | yeah | yep | yup | yip | ok | okay | k | sure | no | nope | n | confirm | confirmed | c | accept |
    agree | reschedule | r | thanks | thank you | thx | ty | hi | hello | hey | please | maybe | here | coming |
    late | call | call me | see you | good | great | fine | si | oui | non | ja | nein | appointment | today |
    tomorrow | when | where | what | who | why | how
""")
