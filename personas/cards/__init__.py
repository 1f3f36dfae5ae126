"""Character cards: files other programs write and read. Bytes and plain values only; no database, no network."""
