"""The people of the keyless demo."""

from __future__ import annotations

from channels_app import actions
from channels_app.models import Channel, User

LOGIN = "demo"


def demo_broadcaster() -> Channel:
    """The demo channel, opened with its broadcaster when it is missing."""
    found = Channel.objects.filter(is_demo=True).select_related("broadcaster").first()
    if found is not None:
        return found
    return actions.open_channel(_broadcaster(), login=LOGIN, display_name="Demo", twitch_id=None, is_demo=True)


def _broadcaster() -> User:
    user, made = User.objects.get_or_create(username="demo-broadcaster", defaults={"display_name": "Demo"})
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
