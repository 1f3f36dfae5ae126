"""What the voice is asked to say and the mouth is aligned to: one string for both, made of the caption."""
