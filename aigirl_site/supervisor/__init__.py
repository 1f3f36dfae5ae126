"""`manage.py up`: starts every process of the house on one machine, restarts what dies, and leaves nothing behind."""
