"""The sentences for this room's own actions. They name nobody who did it: that stands beside them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from channels_app import audit


def enter() -> None:
    """Once, when Django starts."""
    audit.know(
        {
            "channel.opened": _("The channel was opened."),
            "channel.started": _("She was started."),
            "channel.stopped": _("She was stopped."),
            "channel.panic": _("She was silenced at once."),
            "channel.calm": _("The silence was lifted."),
            "channel.suspended": _("The channel was suspended: {reason}"),
            "channel.unsuspended": _("The channel was let back on air."),
            "channel.stage_changed": _("Settings of the show were changed ({fields})."),
            "channel.safety_changed": _("Safety settings were changed ({fields})."),
            "channel.guard_changed": _("What happens before she is heard was changed ({fields})."),
            "channel.captions_changed": _("The look of the captions was changed."),
            "channel.closed": _("The channel was closed, to be deleted on {until}."),
            "channel.reopened": _("The deletion of the channel was taken back."),
            "turn.skipped": _("A reply was skipped."),
            "queue.drop": _("A message that waited was taken out."),
            "queue.next": _("A message that waited was put first."),
            "reply.approve": _("A reply was approved."),
            "reply.reject": _("A reply was rejected."),
            "reply.kill": _("A sentence was taken away before it was heard."),
            "chat.tip_told": _("A tip was told: {given}."),
            "chat.said": _("A text was given to her to say."),
            "safety.reported": _("A blocked line was reported as wrong (rule {rule})."),
            "overlay.tested": _("The test of sound and mouth was played."),
            "overlay.test_ended": _("The test of sound and mouth was stopped."),
            "overlay.rotated": _("A new overlay URL was made (…{hint})."),
            "overlay.revoked": _("Overlay URLs were closed ({count})."),
            "overlay.mouth_offset_changed": _("The mouth offset of overlay …{hint} was changed to {offset_ms} ms."),
            "panic_url.made": _("A new panic URL was made (…{hint})."),
            "panic_url.revoked": _("The panic URL was closed."),
            "api_token.made": _("The token {prefix}… was made: {name}"),
            "api_token.revoked": _("The token {prefix}… was revoked: {name}"),
            "action_url.made": _("The action URL …{hint} was made: {name} ({actions})"),
            "action_url.revoked": _("The action URL …{hint} was closed: {name}"),
            "operator.looked": _("Somebody of the service looked at the channel's pages: {reason}"),
            "provider.changed": _("An own provider was set: {kind}, {model}, {base_url}"),
            "provider.removed": _("An own provider was removed: {kind}."),
            "member.added": _("{user} became a moderator."),
            "member.invited": _("{login} was invited to moderate."),
            "member.invited_by_link": _("An invitation link was made."),
            "member.invitation_taken_back": _("An invitation was taken back."),
            "member.joined": _("{user} accepted an invitation."),
            "member.declined": _("An invitation was declined ({login})."),
            "member.powers_changed": _("Powers of {user} were changed: {powers}"),
            "member.removed": _("{user} was removed from the moderators."),
            "member.left": _("{user} left the channel."),
            "memory.added": _("A fact about the channel was added."),
            "memory.changed": _("A fact was changed."),
            "memory.deleted": _("A fact was deleted."),
            "memory.emptied": _("All facts about chatters were deleted ({facts})."),
            "memory.switched": _("Her memory was switched on or off."),
            "memory.chatter_forgotten": _("A chatter was forgotten."),
            "privacy.export_asked": _("An export of all data was asked for."),
            "privacy.export_taken": _("An export was downloaded."),
            "privacy.chatter_copied": _("A copy of a chatter's data was made."),
            "privacy.chatter_erased": _("A chatter's data was erased."),
            "reward.saved": _("The channel-point reward was saved: {title}, {cost} points."),
            "reward.removed": _("The channel-point reward was removed: {title}."),
            "twitch.consent_needed": _("Twitch took our permission back."),
            "twitch.consent_given": _("Twitch gave us permission again."),
        }
    )
