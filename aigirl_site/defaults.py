"""Tells secrets nobody chose: values of examples, of templates and of fresh installations."""

from __future__ import annotations

import re

BEGINNINGS = (
    "<", "change-me", "change_me", "changeme", "django-insecure-", "replace-me", "replace_me", "xxxxxx", "your-",
    "your_",
)  # fmt: skip
"""Of values copied from an example or made by a template, whatever follows."""
WORDS = {
    "admin", "administrator", "aigirl", "an", "and", "ant", "api", "apikey", "change", "changeit",
    "changethis", "client", "default", "demo", "django", "dummy", "empty", "enter", "example", "fill", "fixme", "foo",
    "guest", "here", "id", "in", "insecure", "insert", "is", "key", "letmein", "live", "llm", "me", "my",
    "mypassword", "mysecret", "name", "none", "null", "of", "openai", "pass", "passw0rd", "passwd", "password",
    "paste", "placeholder", "please", "postgres", "proj", "project", "put", "qwerty", "rabbitmq", "real", "redacted",
    "redis", "replace", "root", "s3cr3t", "sample", "secret", "secretkey", "secrets", "set", "sk", "speech", "stripe",
    "super", "supersecret", "test", "the", "this", "to", "todo", "token", "top", "topsecret", "twitch", "undefined",
    "user", "v1", "value", "very", "webhook", "welcome", "whsec", "with", "your", "yours",
}  # fmt: skip
"""A value of nothing but these says what belongs there, and is no secret."""
ENDING_DIGITS = re.compile(r"\d{1,4}$")
SEQUENCES = ("01234567890abcdefghijklmnopqrstuvwxyz", "0123456789abcdef", "qwertyuiop")
SHORTEST_SEQUENCE = 4
LONG, FEWEST_CHARACTERS = 20, 6
"""Characters from which a value must have so many different ones; 20 random hex digits have fewer once in a million."""


def is_default(value: str) -> bool:
    """Whether a secret has the value of an example or one that is tried first. Nothing a generator makes is."""
    text = value.strip().lower()
    if not text:
        return False
    few = len(text) >= LONG and len(set(text)) < FEWEST_CHARACTERS
    words = (word for word in re.split(r"[\W_]+", text) if word)
    return text.startswith(BEGINNINGS) or few or _repeats(text) or all(_says_nothing(word) for word in words)


def _repeats(text: str) -> bool:
    """Whether it is one piece three times or more, the last time perhaps in part."""
    return any(text[size:] == text[:-size] for size in range(1, len(text) // 3 + 1))


def _says_nothing(word: str) -> bool:
    if word in WORDS or ENDING_DIGITS.sub("", word) in WORDS:
        return True
    sequence = len(word) >= SHORTEST_SEQUENCE and any(word in whole for whole in SEQUENCES)
    return sequence or (len(word) > 1 and len(set(word)) == 1)
