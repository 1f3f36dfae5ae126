"""Embeddings as they are kept and compared: unit length, float16, little endian; brute force on numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def packed(values: Sequence[float]) -> bytes:
    """The vector as it is kept. Raises ValueError for one without a direction."""
    vector = np.asarray(values, dtype=np.float32)
    length = float(np.linalg.norm(vector)) if vector.ndim == 1 and vector.size else 0.0
    if not np.isfinite(length) or length == 0:
        raise ValueError("a vector needs finite numbers that are not all 0")
    return (vector / length).astype("<f2").tobytes()


def cosines(query: bytes, kept: Sequence[bytes]) -> list[float]:
    """How near each kept vector is to the query, -1..1; one of another length is 0."""
    size = len(query)
    same = [row for row in kept if len(row) == size]
    if not same:
        return [0.0] * len(kept)
    matrix = np.frombuffer(b"".join(same), dtype="<f2").reshape(len(same), -1).astype(np.float32)
    near = iter((matrix @ np.frombuffer(query, dtype="<f2").astype(np.float32)).tolist())
    return [float(next(near)) if len(row) == size else 0.0 for row in kept]
