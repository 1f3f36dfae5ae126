"""What only operators need: their home page, and the locks on their door."""
