"""`manage.py reencrypt`: writes every encrypted value anew with the first of FIELD_KEYS."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, transaction

from channels_app.fields import EncryptedTextField


class Command(BaseCommand):
    help = "Re-encrypts all secrets with the first key of FIELD_KEYS, after which older keys may be removed."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = 0
        for model in apps.get_models():
            names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
            if names:
                rows += self._rewrite(model, names)
        self.stdout.write(f"{rows} rows now use the first key.")

    def _rewrite(self, model: type[models.Model], names: list[str]) -> int:
        ids = list(model._base_manager.values_list("pk", flat=True))
        done = 0
        for pk in ids:
            # Row by row under a lock: a token refreshed at this very moment must not be overwritten with the old one.
            with transaction.atomic():
                row = model._base_manager.select_for_update().filter(pk=pk).first()
                if row is not None:
                    row.save(update_fields=names)
                    done += 1
        return done
