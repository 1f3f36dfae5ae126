"""The outermost room: settings, URLs, processes, health."""
