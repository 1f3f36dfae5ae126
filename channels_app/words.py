"""The line knows no Django and writes English: what it tells people is known again here, in the reader's language."""

from __future__ import annotations

import re

from django.utils.translation import gettext, gettext_lazy, gettext_noop

LINES = (
    # How a turn ended, or why something paid for was not answered
    gettext_noop("a limit on what she may spend is reached"),
    gettext_noop("already answered by another run"),
    gettext_noop("blocked by the safety rules"),
    gettext_noop("dropped by a moderator"),
    gettext_noop("it came too late to be answered"),
    gettext_noop("the chatter is left alone for a while"),
    gettext_noop("it waited too long to be answered"),
    gettext_noop("no overlay said that it played"),
    gettext_noop("nobody approved it in time"),
    gettext_noop("panic"),
    gettext_noop("rejected by a moderator"),
    gettext_noop("skipped by a moderator"),
    gettext_noop("somebody called her"),
    gettext_noop("made way for a raid or a large gift"),
    gettext_noop("stopped before its end"),
    gettext_noop("taken away by a moderator before it was heard"),
    gettext_noop("the chat was cleared"),
    gettext_noop("the broadcaster took the permission back"),
    gettext_noop("the chatter asked to be forgotten"),
    gettext_noop("the chatter was timed out or banned"),
    gettext_noop("the message was deleted"),
    gettext_noop("the reply was empty"),
    gettext_noop("the run ended"),
    gettext_noop("the run ended before the turn did"),
    gettext_noop("internal error: {kind}"),
    # Why an event is nothing to her
    gettext_noop("a command for somebody else"),
    gettext_noop("below the minimum of {count} bits"),
    gettext_noop("no words"),
    gettext_noop("nothing in it calls her"),
    gettext_noop("nothing to say"),
    gettext_noop("reactions to cheer are switched off"),
    gettext_noop("reactions to follow are switched off"),
    gettext_noop("reactions to gift are switched off"),
    gettext_noop("reactions to raid are switched off"),
    gettext_noop("reactions to redemption are switched off"),
    gettext_noop("reactions to sub are switched off"),
    gettext_noop("reactions to tip are switched off"),
    gettext_noop("she answers only subscribers, VIPs and moderators"),
    gettext_noop("she answers only what is paid for"),
    gettext_noop("the chatter is on the ignore list"),
    # Why the check of a version came to no end
    gettext_noop("No live worker took the check. See that the workers run, and check again."),
    gettext_noop("The language model was too slow to answer all lines in time."),
    gettext_noop("A ceiling on what she may spend is used up. Raise yours, or wait until it ends."),
    # Brains and voices
    gettext_noop("captions only"),
    gettext_noop("demo brain"),
    gettext_noop("built-in English voice (hibari)"),
    gettext_noop("built-in robot voice (espeak-ng)"),
    gettext_noop("Automatic: the best voice for each language"),
    gettext_noop("{name} (built in, English)"),
    gettext_noop("{name} (your own server)"),
    gettext_noop("{name} (built in, robot, placeholder)"),
    # Who says what a voice costs
    gettext_noop("set by whoever runs this site"),
    gettext_noop("OpenAI price list"),
    gettext_noop("OpenAI model page: about $0.015 a minute of 1,000 characters"),
)
"""Sentences of the line as it writes them, with what varies in braces."""

FAULTS = {
    "llm_bad_address": gettext_lazy("The language model's address is not a web address. Enter one with https://."),
    "llm_bad_request": gettext_lazy("The language model refused the request. Check the model and its settings."),
    "llm_crowded": gettext_lazy("Too much was asked of the language model at once."),
    "llm_empty": gettext_lazy("The language model answered with nothing. Choose a model that does not reason."),
    "llm_filtered": gettext_lazy("The provider's own filter withheld the reply."),
    "llm_malformed": gettext_lazy("The language model sent something unreadable. Check its address."),
    "llm_no_key": gettext_lazy("The language model has no usable key. Enter one."),
    "llm_out_of_credit": gettext_lazy("The account at the provider has no credit left. Top it up."),
    "llm_rate_limited": gettext_lazy("The language model is being asked too often. Raise its limits or wait a little."),
    "llm_redirected": gettext_lazy("The language model's address leads elsewhere. Enter the final one."),
    "llm_reset": gettext_lazy("The connection to the language model broke."),
    "llm_server_error": gettext_lazy("The language model failed on its side."),
    "llm_stalled": gettext_lazy("The language model fell silent in the middle of a reply."),
    "llm_timeout": gettext_lazy("The language model took too long. Choose a faster one."),
    "llm_tokens_spent": gettext_lazy("The channel used the words it may use in a minute. It goes on by itself."),
    "llm_unauthorised": gettext_lazy("The language model refused the key. Enter a valid one."),
    "llm_unknown_model": gettext_lazy("There is no such model at this address. Check the model's name."),
    "llm_unreachable": gettext_lazy("The language model cannot be reached. Check its address."),
    "espeak_closed": gettext_lazy("The built-in voice was just being switched off."),
    "espeak_died": gettext_lazy("The built-in voice broke off and is started anew."),
    "espeak_missing": gettext_lazy("The built-in voice is not installed properly. Run ./start.sh again."),
    "espeak_protocol": gettext_lazy("The built-in voice broke off and is started anew."),
    "espeak_refused": gettext_lazy("The built-in voice cannot speak this text."),
    "hibari_missing": gettext_lazy("The built-in English voice is not installed properly. Run ./start.sh again."),
    "nothing_to_say": gettext_lazy("There is nothing to say in this text."),
    "speech_busy": gettext_lazy("The voice provider asks to slow down."),
    "speech_crowded": gettext_lazy("Too much was asked of the voice provider at once, so a built-in voice spoke."),
    "speech_connection": gettext_lazy("The connection to the voice provider broke."),
    "speech_empty": gettext_lazy("The voice provider sent no sound."),
    "speech_failed": gettext_lazy("The voice provider failed on its side."),
    "speech_forbidden": gettext_lazy("The voice provider does not allow this key to use this model."),
    "speech_format": gettext_lazy(
        "The voice provider sent something other than PCM sound. Check its address and model."
    ),
    "speech_not_found": gettext_lazy("The voice provider knows no such model. Check its address and the model's name."),
    "speech_redirect": gettext_lazy("The voice provider's address leads elsewhere. Enter the final one."),
    "speech_refused": gettext_lazy("The voice provider refused the request. Check the model and the voice."),
    "speech_stalled": gettext_lazy("The voice provider stopped in mid-sentence."),
    "speech_timeout": gettext_lazy("The voice provider took too long."),
    "speech_unauthorised": gettext_lazy("The voice provider refused the key. Enter a valid one."),
    "speech_unconfigured": gettext_lazy("The voice provider has no address or no key. Enter both."),
    "speech_unpaid": gettext_lazy("The voice provider asks for payment. Check the account's balance."),
    "voice_none": gettext_lazy("No voice can speak this text. Choose another voice or language."),
}
"""The line's error codes -> what happened and what to do."""


def translated(text: str) -> str:
    """What the line wrote, for the reader. Other people's words, such as a model's name, stay as they are."""
    if fault := FAULTS.get(text.partition(": ")[0]):
        return str(fault)
    for line, pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return gettext(line).format(**found.groupdict())
    return text


def is_known(text: str) -> bool:
    """Whether this is a sentence or an error of the line."""
    return text.partition(": ")[0] in FAULTS or any(pattern.fullmatch(text) for _line, pattern in _PATTERNS)


def _pattern(line: str) -> re.Pattern[str]:
    """Matches the line with anything in the place of its braces."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(line)))


_PATTERNS = [(line, _pattern(line)) for line in LINES]
