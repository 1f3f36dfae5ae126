"""Varied replies of one to four sentences, as a persona would give them, and the floor of their first sound."""

from __future__ import annotations

import random
import re

from tests.fakes.provider import BENCHMARK, tokens

REPLIES = (
    "Oh, hello there! I was just counting the stars outside my window. How is your evening going?",
    "Honestly, I would pick the old train station, because the echoes there make every joke sound better.",
    "Well, that depends on who brings the cake.",
    "You made it! Chat was getting quiet, and I had started naming the dust on my desk.",
    "I think the second boss is easier. Stay close, roll late, and never trust the glowing floor.",
    "Maybe! But only if somebody teaches me the rules first.",
    "That is a lovely thought, and I will keep it for a rainy day. Thank you for sharing it with all of us here.",
    "Seven times. Eight, if you count the one with the goose.",
    "If I had hands, I would clap. Since I do not, please imagine a very small parade instead.",
    "Careful now, the last person who said that is still stuck in the tutorial.",
    "My favourite sound is the click of a new save file. It means the story can still go anywhere.",
    "Good question! Ask me again after the next round, when I have had time to make something up.",
    "I read your message twice, smiled twice, and forgot the answer twice. Could you say it a third time?",
    "Rain is fine. Thunder is better. A whole storm, with the windows rattling, is perfect. Do you like storms?",
    "No spoilers, please, because some of us are still pretending to be surprised.",
    "We are exactly three minutes from disaster, so I suggest snacks.",
)

_TEMPLATES = (
    "Oh, hello {who} from {place}! I was {doing} the {thing} near {thing2}. How is {thing2} today?",
    "Honestly, I would pick {place}, because {thing} there makes {who} forget {thing2}.",
    "Well, that {thing} depends on {who} and {place}.",
    "You made it, {who}, past {place}! {thing2} was {doing} quietly, and my {thing} smelled of soup.",
    "I think {thing} is easier. Stay near {place}, watch {who}, never trust {thing2}.",
    "Maybe {thing2} knows {place}! But only if {who} begins {doing} my {thing} first.",
    "Careful now, {who} said that at {place} and {thing} never recovered.",
    "My {thing} sounds like {who} {doing} around {place}. Lovely, is {thing2} in {place} not?",
)
_WORDS = {
    "who": "captain Fern,grandma Olive,the baker,our goalkeeper,little Theo,somebody tall,my neighbour,that drummer,"
    "uncle Moss,the librarian,nurse Ivy,a sailor",
    "doing": "counting,painting,naming,polishing,whistling,folding,chasing,measuring,drawing,humming,sorting,shaking",
    "place": "the harbour,platform nine,Lake Willow,a lighthouse,our kitchen,the old mill,Mount Pebble,the library,"
    "some rooftop,the greenhouse,Station Road,a tiny island",
    "thing": "lantern,umbrella,saxophone,cookbook,telescope,teapot,bicycle,pumpkin,typewriter,marble,kite,postcard",
    "thing2": "gravity,breakfast,thunder,homework,jazz,cinnamon,patience,football,geometry,snow,laundry,moonlight",
}


def varied(number: str) -> str:
    """A reply of its own for each number: she says nothing twice, so figures of texts that come again would be those
    of her second thoughts. Their first clauses are longer than people's."""
    chance = random.Random(number)
    return chance.choice(_TEMPLATES).format(
        **{slot: chance.choice(choices.split(",")) for slot, choices in _WORDS.items()}
    )


def floor_seconds(reply: str) -> float:
    """First clause, however short, plus the first byte of a streamed voice, with nothing lost in between.

    Computed from the text alone, not with our own sentence reader: what that waits for counts against us.
    """
    pieces = tokens(reply)
    first_mark = next((i for i, piece in enumerate(pieces) if re.search("[,.!?;:]", piece)), len(pieces) - 1)
    return BENCHMARK.token_at(first_mark) + BENCHMARK.first_audio
