"""What upper rooms may listen to."""

from django.dispatch import Signal

check_wanted = Signal()
"""A version is to be checked (`report`, a VersionReport that waits): who can make her answer begins at once."""
check_priced = Signal()
"""Whether a check of the channel's texts (`channel`) asks a model that costs: who can make her answer says so."""
