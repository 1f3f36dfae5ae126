"""The REST API under /api/v1/: who may come in, what the answers look like, and how it is described."""
