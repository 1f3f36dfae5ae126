"""What a day of stream costs with the default settings, against a provider on loopback that bills as OpenAI does.

The real brain writes the prompts and meters its replies, some of which are cut off in the middle; the fake counts
tokens, keeps marked beginnings in its cache, and bills. The built-in voices cost nothing.

    python benchmarks/cost.py [--hours 6] [--replies 4] [--model gpt-6-luna] [--judged] [--json] [--strict]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from benchmarks.spending import DEFAULT_MODEL, Spent, Stream, replay

MOST = {"usd_per_day": 0.60, "ledger_error": 0.01}
"""US dollars for the whole stream, and how far the ledger may be from the bill."""


def figures(stream: Stream, spent: Spent) -> dict[str, Any]:
    till, replies = spent.till, len(spent.usages)
    return {
        "model": stream.model,
        "hours": round(stream.minutes / 60, 2),
        "replies": replies,
        "interrupted": spent.interrupted,
        "usd_per_day": round(till.micros / 1e6, 4),
        "usd_per_reply": round(till.micros / 1e6 / replies, 6),
        "usd_ledger": round(spent.metered_micros / 1e6, 4),
        "ledger_error": round(spent.error, 5),
        "prompt_tokens_per_reply": round(till.prompt / replies),
        "answer_tokens_per_reply": round(till.completion / replies),
        "cached_share": round(till.cached / till.prompt, 3),
        "spoken_characters": spent.characters,
        "usd_voice": 0.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hours", type=float, default=6)
    parser.add_argument("--replies", type=float, default=4, help="a minute")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--judged", action="store_true", help="the same model judges each sentence, too")
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    stream = Stream(
        minutes=options.hours * 60, replies_per_minute=options.replies, model=options.model, judged=options.judged
    )
    found = figures(stream, asyncio.run(replay(stream)))
    missed = goals.missed(found, most=MOST)
    if options.json:
        print(json.dumps(found | {"missed": missed}))
    else:
        for name, value in found.items():
            print(f"{name:<26}{value:>14}")
        print(goals.told(missed))
    goals.end(missed, strict=options.strict)


if __name__ == "__main__":
    main()
