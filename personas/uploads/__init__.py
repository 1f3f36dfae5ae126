"""Pictures people bring: checked, redrawn by a bounded child process, kept under names of our own."""
