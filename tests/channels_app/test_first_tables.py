"""Models created in one step make the tables that one step each would, and go again."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

from channels_app.first_tables import CreateTogether

STEP = CreateTogether(
    [
        CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True))]),
        CreateModel(
            "Book",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("shelf", models.ForeignKey("library.Shelf", models.CASCADE)),
            ],
        ),
    ]
)


@pytest.mark.django_db(transaction=True)
def test_tables_come_and_go_with_the_step() -> None:
    before, after = ProjectState(), ProjectState()
    assert not after.apps.all_models["library"], "built once already, as by the migrations before"
    STEP.state_forwards("library", after)
    with connection.schema_editor() as editor:
        STEP.database_forwards("library", editor, before, after)
    book, shelf = after.apps.get_model("library", "Book"), after.apps.get_model("library", "Shelf")
    assert book.objects.create(shelf=shelf.objects.create()).shelf == shelf.objects.get()

    with connection.schema_editor() as editor:
        STEP.database_backwards("library", editor, after, before)
    assert not {"library_shelf", "library_book"} & set(connection.introspection.table_names())


def test_it_names_its_models() -> None:
    assert STEP.describe() == "Create models Shelf, Book"
