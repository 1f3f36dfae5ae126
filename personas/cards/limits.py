"""What a card file may be. One file, so that readers, page, documents and tests mean the same figures."""

from __future__ import annotations

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_JSON_BYTES = 4 * 1024 * 1024
"""Of the card itself, whatever carries it; the largest lorebooks people share have about 1 MB."""
MAX_DEPTH = 60
"""Levels of lists and objects in the card."""
MAX_NODES = 400_000
"""Values in the card, all levels together."""
MAX_ENTRIES = 2_000
"""Of a lorebook."""
MAX_KEYS = 5_000
"""Of all entries of a lorebook together, secondary and excluding ones too. Each is looked for in each reply."""
MAX_ENTRY_KEYS = 200
"""Of one entry that is written by hand."""
MAX_FILES = 500
"""Inside a CHARX file."""
MAX_UNPACKED_BYTES = 60 * 1024 * 1024
"""Of a CHARX file, all its files together."""
MAX_RATIO = 200
"""How much smaller than its content a packed file of a CHARX may be, beyond its first megabyte."""
