"""The line from one chat message to speech: pure Python, no Django, no Celery, no network."""
