"""She answers with nobody watching: the real line from a message to her words, without overlay, chat or memory.

No database.
"""
