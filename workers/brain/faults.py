"""What can go wrong with a chat endpoint, in words: what happened, where, and how to mend it. Never a secret."""

from __future__ import annotations

import json
import re

from workers.brain.endpoint import ChatEndpoint as ChatEndpoint
from workers.brain.endpoint import Deadlines
from workers.pipeline.ports import BrainError

QUOTED = 160
"""Characters of a provider's own words in our message."""
_SECRET = re.compile(r"\b(?:sk|pk|gsk|key|bearer)[-_ ][^\s'\",]+", re.IGNORECASE)


def no_key(endpoint: ChatEndpoint) -> BrainError:
    message = f"No usable API key is set for the language model at {endpoint.host}. "
    mend = 'Enter one; for a local server without keys any word will do, such as "local".'
    return _final("llm_no_key", message + mend)


def bad_address() -> BrainError:
    message = "The language model's base URL is not an http(s) address. Enter one like https://api.openai.com/v1."
    return _final("llm_bad_address", message)


def refused(endpoint: ChatEndpoint, status: int, *, code: str, words: str, retry_after: str) -> BrainError:
    """An HTTP status other than success. `words` are the provider's own, `retry_after` its header."""
    host = endpoint.host
    if status in {401, 403}:
        message = f"The language model at {host} refused the API key ({status}). Enter a valid key for it."
        return _final("llm_unauthorised", message)
    if status == 402 or code == "insufficient_quota":
        return _final("llm_out_of_credit", f"The account at {host} has no credit left. Top it up or enter another key.")
    if status == 404:
        message = f"{host} knows no model {endpoint.model!r} at this address. Check the model's name and the base URL."
        return _final("llm_unknown_model", message)
    if status == 429:
        message = f"The language model at {host} is being asked too often (429). Try again later or raise its limits."
        return _passing("llm_rate_limited", message, _seconds(retry_after))
    if status >= 500 or status in {408, 409, 425}:
        message = f"The language model at {host} failed ({status}). Try again later."
        return _passing("llm_server_error", message, _seconds(retry_after))
    if 300 <= status < 400:
        return _final("llm_redirected", f"{host} answered with a redirect, not followed. Enter the final base URL.")
    message = f"The language model at {host} refused the request ({status}): {_quoted(words, endpoint)}"
    return _final("llm_bad_request", message)


def unreachable(endpoint: ChatEndpoint) -> BrainError:
    message = f"The language model at {endpoint.host} cannot be reached. Check the base URL and that the server runs."
    return _passing("llm_unreachable", message)


def reset(endpoint: ChatEndpoint) -> BrainError:
    return _passing("llm_reset", f"The connection to the language model at {endpoint.host} broke. Try again.")


def failed_midway(endpoint: ChatEndpoint, words: str) -> BrainError:
    message = f"The language model at {endpoint.host} gave up in the middle: {_quoted(words, endpoint)}"
    return _passing("llm_server_error", message)


def late(endpoint: ChatEndpoint, deadlines: Deadlines, *, begun: bool, whole: bool) -> BrainError:
    """A deadline has passed: `begun` after the first token, `whole` the one for the whole reply."""
    if begun and not whole:
        silence = f"fell silent for {deadlines.between_tokens:g} s in the middle of a reply"
        return _passing("llm_stalled", f"The language model at {endpoint.host} {silence}. Try again.")
    goal = f"finish within {deadlines.total:g} s" if begun else f"begin within {deadlines.first_token:g} s"
    message = f"The language model at {endpoint.host} did not {goal}. Try again, or choose a faster model."
    return _passing("llm_timeout", message)


def malformed(endpoint: ChatEndpoint, what: str) -> BrainError:
    return _passing("llm_malformed", f"The language model at {endpoint.host} sent {what}. Try again.")


def unstreamed(endpoint: ChatEndpoint, kind: str) -> BrainError:
    message = f"The server at {endpoint.host} answered with {kind} instead of a stream. "
    return _final("llm_malformed", message + "Check the base URL (it usually ends in /v1), and that it can stream.")


def silent(endpoint: ChatEndpoint, ending: str, limit: int) -> BrainError:
    """A reply without text. `ending` is its finish reason, `limit` the tokens it was allowed."""
    if ending == "content_filter":
        return _final("llm_filtered", f"The provider's own filter withheld the reply of {endpoint.model}.")
    if ending == "length":
        message = f"{endpoint.model} used up its {limit} tokens without saying a word, as reasoning models do. "
        return _final("llm_empty", message + "Choose a model that does not reason, or switch its reasoning off.")
    return _passing("llm_empty", f"{endpoint.model} answered with nothing. Try again.")


def _final(code: str, message: str) -> BrainError:
    return BrainError(message, code=code, retryable=False)


def _passing(code: str, message: str, retry_after: float | None = None) -> BrainError:
    return BrainError(message, code=code, retryable=True, retry_after=retry_after)


def _quoted(words: str, endpoint: ChatEndpoint) -> str:
    """The provider's words on one line, short, without anything like a key."""
    plain = _SECRET.sub("…", " ".join(words.split()).replace(endpoint.key, "…"))
    return json.dumps(plain[:QUOTED], ensure_ascii=False)


def _seconds(header: str) -> float | None:
    """Seconds asked for; None where the header is missing or a date."""
    try:
        return max(0.0, float(header))
    except ValueError:
        return None
