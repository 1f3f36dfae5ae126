"""How the mouth's classifier is made. Nothing here is imported by the service."""
