"""Copies of everything that cannot be made again, and the way back. Secrets are kept apart from what they open."""
