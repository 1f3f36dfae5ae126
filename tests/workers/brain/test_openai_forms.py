"""Answers with a form: asked by schema where the server knows schemas, by words alone where it does not."""

from __future__ import annotations

import json

import pytest

from tests.fakes.provider import ProviderServer, Script, reply, reset, status
from tests.workers.brain.conftest import MakeBrain
from workers.brain.memory import SCHEMA, instructions, read_answer
from workers.brain.parts import PromptMessage, Question
from workers.pipeline.ports import BrainError

QUESTION = Question("notes", (PromptMessage("system", instructions("en")),), SCHEMA, 900)
NOTES = json.dumps({"summary": "Cats.", "facts": []})


async def test_the_schema_is_sent_and_the_cost_is_known(provider: ProviderServer, make_brain: MakeBrain) -> None:
    provider.chat.queue(reply(NOTES))
    text, usage = await make_brain().form(QUESTION)
    assert read_answer(text) == ("Cats.", [])
    assert usage.prompt_tokens > 0
    assert usage.completion_tokens > 0
    body = provider.requests[-1].body
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert not body.get("stream")


async def test_a_server_that_refuses_schemas_is_asked_without_and_once(
    provider: ProviderServer, make_brain: MakeBrain
) -> None:
    provider.rejected_parameters = frozenset({"response_format"})
    provider.answer = lambda body: NOTES
    brain = make_brain()
    await brain.form(QUESTION)
    await brain.form(QUESTION)
    assert ["response_format" in request.body for request in provider.requests] == [True, False, False]


@pytest.mark.parametrize(
    ("fault", "code"),
    [(status(401), "llm_unauthorised"), (status(500), "llm_server_error"), (reset(), "llm_reset")],
)
async def test_a_fault_is_told_by_its_code(
    provider: ProviderServer, make_brain: MakeBrain, fault: Script, code: str
) -> None:
    provider.chat.queue(fault)
    with pytest.raises(BrainError) as raised:
        await make_brain().form(QUESTION)
    assert raised.value.code == code
