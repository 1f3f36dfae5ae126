"""A text field that is encrypted at rest, with key rotation."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

if TYPE_CHECKING:
    TextField = models.TextField[str, str]
else:
    TextField = models.TextField


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The first of FIELD_KEYS encrypts, all of them decrypt: put a new key first, run `reencrypt`, drop the old one."""
    return _cipher(tuple(settings.FIELD_KEYS))


class EncryptedTextField(TextField):
    """Text that stands in the database as Fernet tokens only. Cannot be searched.

    Raises ImproperlyConfigured on reading when no key fits: never hands out ciphertext as if it were the value.
    """

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if not value:
            return value
        try:
            return cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            raise ImproperlyConfigured(
                f"{self.model.__name__}.{self.name} was encrypted with a key that is not in FIELD_KEYS. "
                "Put that key back at the end of the list."
            ) from None
