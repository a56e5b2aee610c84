"""In which voice a language is spoken. Only languages that espeak-ng calls good enough to be understood on a phone."""

# BCP 47, in small letters -> (espeak-ng's voice, its name for people)
LANGUAGES = {
    "en-us": ("en-us", "English (America)"),
    "en-gb": ("en-gb", "English (Great Britain)"),
    "ca": ("ca", "Catalan"),
    "cs": ("cs", "Czech"),
    "da": ("da", "Danish"),
    "de": ("de", "German"),
    "el": ("el", "Greek"),
    "es": ("es", "Spanish (Spain)"),
    "es-419": ("es-419", "Spanish (Latin America)"),
    "et": ("et", "Estonian"),
    "fi": ("fi", "Finnish"),
    "fr": ("fr-fr", "French"),
    "fr-be": ("fr-be", "French (Belgium)"),
    "fr-ch": ("fr-ch", "French (Switzerland)"),
    "hr": ("hr", "Croatian"),
    "hu": ("hu", "Hungarian"),
    "it": ("it", "Italian"),
    "lt": ("lt", "Lithuanian"),
    "lv": ("lv", "Latvian"),
    "nb": ("nb", "Norwegian"),
    "nl": ("nl", "Dutch"),
    "pl": ("pl", "Polish"),
    "pt": ("pt", "Portuguese (Portugal)"),
    "pt-br": ("pt-br", "Portuguese (Brazil)"),
    "ro": ("ro", "Romanian"),
    "ru": ("ru", "Russian"),
    "sk": ("sk", "Slovak"),
    "sl": ("sl", "Slovenian"),
    "sv": ("sv", "Swedish"),
    "tr": ("tr", "Turkish"),
    "uk": ("uk", "Ukrainian"),
    "vi": ("vi", "Vietnamese"),
}
USUAL = "en-us"
_ALSO = {"en": "en-us", "es-mx": "es-419", "es-us": "es-419", "no": "nb"}


def spoken_language(wanted: str, otherwise: str = USUAL) -> str:
    """The closest that there is: de-AT is spoken as de; what is not there as `otherwise`."""
    tag = wanted.strip().lower().replace("_", "-")
    while tag:
        found = _ALSO.get(tag, tag)
        if found in LANGUAGES:
            return found
        tag = tag.rpartition("-")[0]
    return otherwise


def voice_of(language: str) -> str:
    return LANGUAGES[language][0]
