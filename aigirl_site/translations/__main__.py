"""`python -m aigirl_site.translations [update]`: compiles what has changed; `update` first fetches new messages.

Reads no settings and needs no database, so that an image can be built with it.
"""

from __future__ import annotations

import sys

from aigirl_site.translations import catalogue
from aigirl_site.translations.sources import ROOT


def main(arguments: list[str]) -> int:
    """Exit code 1 when messages wait for their translation, 2 for an unknown argument."""
    if arguments not in ([], ["update"]):
        print(f"usage: python -m aigirl_site.translations [update] (not {' '.join(arguments)!r})", file=sys.stderr)
        return 2
    waiting = catalogue.update() if arguments else {}
    for path in catalogue.compile_changed():
        print(f"compiled {path.relative_to(ROOT)}")
    for path, texts in waiting.items():
        for text in texts:
            print(f"{path.relative_to(ROOT)}: not translated yet: {text!r}")
    return int(any(waiting.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
