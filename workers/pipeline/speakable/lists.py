"""Word lists written as running text."""


def listed(words: str) -> list[str]:
    """The words, in their order."""
    return words.split()
