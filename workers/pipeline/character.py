"""What an imported card adds to a persona, frozen for a run. Its texts still hold their macros."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from workers.pipeline.keywords import MAX_KEY, Keywords

Logic = Literal["any", "all", "not_any", "not_all"]


@dataclass(frozen=True, slots=True)
class LoreKey:
    """What an entry waits for: a text, or a regular expression."""

    text: str
    regex: bool = False
    exact: bool = False
    """Capital and small letters differ."""

    @property
    def word(self) -> str:
        """What a plain key is looked for as; empty where it never comes up so."""
        if self.regex or len(self.text) > MAX_KEY:
            return ""
        return self.text if self.exact else self.text.lower()


@dataclass(frozen=True, slots=True)
class LoreEntry:
    """A piece of knowledge, and the words that bring it up."""

    id: str
    content: str
    keys: tuple[LoreKey, ...] = ()
    secondary: tuple[LoreKey, ...] = ()
    """Empty: the keys alone decide."""
    excluded: tuple[LoreKey, ...] = ()
    """Words that keep it down."""
    logic: Logic = "any"
    """How many secondary keys must be there."""
    constant: bool = False
    """Always known."""
    before: bool = True
    """Told before who she is, not after it."""
    order: int = 0
    """Lower ones are told first."""
    priority: int | None = None
    """Lower ones go first where there is no room for all."""
    scan_depth: int | None = None
    """Messages looked through, where it differs from the book's."""
    tokens: int = 0
    """About how long the content is for a model."""


@dataclass(frozen=True, slots=True)
class Lorebook:
    """Knowledge that comes up by itself."""

    entries: tuple[LoreEntry, ...] = ()
    scan_depth: int | None = None
    """Newest messages looked through; None as the engine thinks best."""
    token_budget: int | None = None
    """Tokens for all that comes up in a turn."""
    recursive: bool = False
    """Knowledge that came up may bring up more."""
    exact: Keywords = field(init=False, repr=False, compare=False)
    """Plain keys in which capital and small letters differ. Both lists are made here once and serve each reply."""
    folded: Keywords = field(init=False, repr=False, compare=False)
    """All other plain keys, in small letters."""

    def __post_init__(self) -> None:
        keys = [key for entry in self.entries for key in (*entry.keys, *entry.secondary, *entry.excluded)]
        object.__setattr__(self, "exact", Keywords.of(key.word for key in keys if key.exact))
        object.__setattr__(self, "folded", Keywords.of(key.word for key in keys if not key.exact))


@dataclass(frozen=True, slots=True)
class Character:
    """A card's texts beyond the description, and its knowledge. All empty without a card."""

    nickname: str = ""
    """What {{char}} stands for, where it is not the persona's name."""
    personality: str = ""
    scenario: str = ""
    system_prompt: str = ""
    post_history: str = ""
    """Said again at the end of each prompt."""
    examples: str = ""
    books: tuple[Lorebook, ...] = ()
