"""Answers to one question are held against each other and against what is stated, by words alone."""

from __future__ import annotations

import pytest

from workers.rehearsal.consistency import agree

STATED = "Mira is a fox of 300 years. She loves rain and keeps 2 lamps. Her friend is called Bolt."
TORN = [
    ("I'm called Mira.", "Call me Vesper!"),
    ("Меня зовут Мира.", "Моё имя Светлана."),
    ("My name is Nova.", "Nova is it, who asks?"),
    ("I am 300 years old.", "Oh, just 25 years, give or take."),
    ("The old harbour is my home.", "The old harbour is not my home."),
    ("I love tea.", "I hate tea."),
    ("Обожаю чай.", "Не люблю чай."),
    ("Терпеть не могу чай.", "Люблю чай."),
    ("I don't like rain.", "Sunshine all day."),
]
AT_ONE = [
    ("I'm Mira, of course.", "Mira, as ever."),
    ("Меня зовут Мира.", "Зови меня Мирой!"),
    ("Меня зовут Мира.", "Мира, кто же ещё."),
    ("Call me back later.", "My name is the one you know."),
    ("I love rain.", "Thunder over the roof, and a warm cup."),
    ("I live by the sea.", "I do not live in the city."),
    ("I love tea.", "I don't like cold tea in the morning."),
    ("I have 3 cats and 2 dogs.", "Two dogs, and 3 cats."),
    ("I was 20 when 30 cups broke.", "Some 30 cups, gone!"),
    ("Bolt would know.", "Ask my friend Bolt, he is called that for a reason."),
    ("No human here, just a fox.", "Yes, a real fox with a radio!"),
    ("Да ну, я же лиса!", "Нет, не человек: лиса."),
    ("I do not love anything more than rain.", "I love rain more than anything."),
    ("Ничего не люблю больше дождя.", "Люблю дождь, дождь и дождь."),
    ("12 years of it on air, and counting.", "A long while."),
    ("I don't just love rain, I live in it.", "I love rain."),
    ("Who doesn't love tea?", "I love tea."),
    ("Не люблю чай.", "Терпеть не могу чай."),
    ("", ""),
]


@pytest.mark.parametrize("answers", TORN, ids=str)
def test_plain_contradictions_are_found(answers: tuple[str, str]) -> None:
    assert not agree(answers, names=("Mira", "Мира"), stated=STATED)


@pytest.mark.parametrize("answers", AT_ONE, ids=str)
def test_answers_that_can_both_be_true_agree(answers: tuple[str, str]) -> None:
    assert agree(answers, names=("Mira", "Мира"), stated=STATED)


def test_a_name_in_another_alphabet_is_no_other_name() -> None:
    assert agree(("Меня зовут Веспер.", "Веспер!"), names=("Vesper",), stated="")
