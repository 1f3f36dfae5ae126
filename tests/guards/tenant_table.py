"""Who gets what at each address: one row a route, by its URL name. A route without a row fails the suite.

A new page or endpoint: add its name, its methods, and who may use them. The five are, in this order, anonymous (nobody
signed in), stranger (has a channel of her own), moderator and broadcaster of the channel, operator (staff, no member).
"""

from __future__ import annotations

from typing import NamedTuple

IN, DOOR, GONE, NO, ANY = "in", "door", "gone", "no", "any"
"""Let in, whatever comes of it; sent to sign in (401 in the API); 404; 403; not looked at."""


class Row(NamedTuple):
    anonymous: str
    stranger: str
    moderator: str
    broadcaster: str
    operator: str


EVERYBODY = Row(IN, IN, IN, IN, IN)
SIGNED_IN = Row(DOOR, IN, IN, IN, IN)
MEMBERS = Row(DOOR, GONE, IN, IN, GONE)
SCRIPTS = Row(GONE, GONE, IN, IN, GONE)
"""Asked by scripts of a page, which have no use for a way to sign in."""
OWNER = Row(DOOR, GONE, NO, IN, GONE)
NOT_THERE = Row(DOOR, GONE, NO, GONE, GONE)
"""The owner's, who asks for something that is not there."""
OPERATORS = Row(DOOR, DOOR, DOOR, DOOR, ANY)
BY_SECRET = Row(GONE, GONE, GONE, GONE, GONE)
"""The address holds a secret, and a wrong one is nothing to anybody, whoever is signed in."""
OF_OTHERS = Row(ANY, ANY, ANY, ANY, ANY)
"""A door of another package with conditions of its own."""

TABLE: dict[str, dict[str, Row]] = {
    # Everybody
    "landing": {"GET": EVERYBODY},
    "sign_in": {"GET": EVERYBODY},
    "local_sign_in": {"POST": OF_OTHERS},
    "sign_out": {"POST": EVERYBODY},
    "home": {"GET": SIGNED_IN},
    "overlay": {"GET": EVERYBODY},
    "panic_url": {"GET": BY_SECRET, "POST": BY_SECRET},
    "site_page": {"GET": EVERYBODY},
    "agree": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "join": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "invited": {"GET": Row(DOOR, GONE, GONE, GONE, GONE), "POST": Row(DOOR, GONE, GONE, GONE, GONE)},
    "closing": {"GET": Row(DOOR, GONE, GONE, IN, GONE), "POST": Row(DOOR, GONE, GONE, IN, GONE)},
    "stripe_webhook": {"POST": Row(ANY, ANY, ANY, ANY, ANY)},
    "action_url": {"GET": BY_SECRET, "POST": BY_SECRET},
    "avatar_picture": {"GET": BY_SECRET},
    "health_live": {"GET": EVERYBODY, "POST": EVERYBODY},
    "health_ready": {"GET": EVERYBODY, "POST": EVERYBODY},
    "health_metrics": {"GET": EVERYBODY},
    "set_language": {"GET": EVERYBODY, "POST": EVERYBODY},
    "social:*": {"GET": OF_OTHERS, "POST": OF_OTHERS},
    # Pages of a channel
    "channel": {"GET": MEMBERS},
    "live": {"GET": MEMBERS},
    "history": {"GET": MEMBERS},
    "turn": {"GET": MEMBERS},
    "turn_sound": {"POST": SCRIPTS},
    "analytics": {"GET": OWNER},
    "ceilings": {"GET": OWNER, "POST": OWNER},
    "billing": {"GET": OWNER},
    "choose_plan": {"POST": NOT_THERE},
    "manage_billing": {"POST": OWNER},
    "billing_return": {"GET": OWNER},
    "analytics_file": {"GET": OWNER},
    "drop_waiting": {"POST": MEMBERS},
    "answer_next": {"POST": MEMBERS},
    "reply": {"POST": MEMBERS},
    "talk": {"POST": MEMBERS},
    "report_wrong": {"POST": MEMBERS},
    "new_overlay_url": {"POST": OWNER},
    "revoke_overlay_urls": {"POST": OWNER},
    "hush": {"POST": MEMBERS},
    "run": {"POST": OWNER},
    "obs": {"GET": MEMBERS},
    "obs_live": {"GET": MEMBERS},
    "save_mouth_offset": {"POST": MEMBERS},
    "settings": {"GET": MEMBERS},
    "save_stage": {"POST": MEMBERS},
    "save_safety": {"POST": MEMBERS},
    "save_guard": {"POST": OWNER},
    "new_panic_url": {"POST": OWNER},
    "revoke_panic_url": {"POST": OWNER},
    "save_captions": {"POST": MEMBERS},
    "save_provider": {"POST": OWNER},
    "remove_provider": {"POST": OWNER},
    "reward": {"GET": OWNER},
    "save_reward": {"POST": OWNER},
    "remove_reward": {"POST": OWNER},
    "members": {"GET": MEMBERS},
    "add_member": {"POST": OWNER},
    "set_powers": {"POST": OWNER},
    "remove_member": {"POST": OWNER},
    "take_back_invitation": {"POST": OWNER},
    "leave": {"POST": MEMBERS},
    "audit": {"GET": OWNER},
    "audit_table": {"GET": OWNER},
    "privacy": {"GET": OWNER},
    "ask_export": {"POST": OWNER},
    "export_progress": {"GET": OWNER},
    "download_export": {"GET": NOT_THERE},
    "find_chatter": {"POST": OWNER},
    "copy_chatter": {"POST": NOT_THERE},
    "erase_chatter": {"POST": NOT_THERE},
    "delete_channel": {"POST": OWNER},
    "api_access": {"GET": MEMBERS},
    "new_api_token": {"POST": MEMBERS},
    "revoke_api_token": {"POST": MEMBERS},
    "new_action_url": {"POST": MEMBERS},
    "revoke_action_url": {"POST": MEMBERS},
    "check_setup": {"GET": MEMBERS, "POST": MEMBERS},
    "voices": {"GET": Row(GONE, GONE, NO, IN, GONE)},
    "voice_sample": {"POST": Row(GONE, GONE, NO, IN, GONE)},
    "memory": {"GET": OWNER},
    "memory_add": {"POST": OWNER},
    "memory_switch": {"POST": OWNER},
    "memory_export": {"GET": OWNER},
    "memory_change": {"POST": OWNER},
    "persona": {"GET": OWNER, "POST": OWNER},
    "persona_starters": {"GET": OWNER, "POST": OWNER},
    "persona_versions": {"GET": OWNER, "POST": OWNER},
    "persona_card": {"GET": OWNER, "POST": OWNER},
    "persona_card_decide": {"POST": OWNER},
    "persona_card_export": {"GET": OWNER},
    "persona_expert": {"GET": OWNER, "POST": OWNER},
    "persona_lore": {"GET": OWNER, "POST": OWNER},
    "persona_sees": {"GET": OWNER},
    "persona_bench": {"GET": OWNER, "POST": OWNER},
    "persona_report": {"GET": OWNER, "POST": OWNER},
    "pictures": {"POST": OWNER},
    "picture_delete": {"POST": OWNER},
    # The API
    "api_schema": {"GET": EVERYBODY},
    "api_docs": {"GET": EVERYBODY},
    "api_nothing": dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), BY_SECRET),
    "api_channels": {"GET": SIGNED_IN},
    "api_channel": {"GET": MEMBERS, "PATCH": MEMBERS},
    "api_state": {"GET": MEMBERS},
    "api_queue": {"GET": MEMBERS},
    "api_drop_waiting": {"POST": MEMBERS},
    "api_answer_next": {"POST": MEMBERS},
    "api_approve": {"POST": MEMBERS},
    "api_reject": {"POST": MEMBERS},
    "api_kill": {"POST": MEMBERS},
    "api_talk": {"POST": MEMBERS},
    "api_say": {"POST": MEMBERS},
    "api_tips": {"POST": OWNER},
    "api_turns": {"GET": MEMBERS},
    "api_turn": {"GET": MEMBERS},
    "api_overlay_url": {"POST": OWNER, "DELETE": OWNER},
    "api_mouth_offset": {"POST": MEMBERS},
    "api_start": {"POST": OWNER},
    "api_stop": {"POST": OWNER},
    "api_skip": {"POST": MEMBERS},
    "api_panic": {"POST": MEMBERS},
    "api_calm": {"POST": MEMBERS},
    "api_test": {"POST": MEMBERS},
    "api_end_test": {"POST": MEMBERS},
    "api_personas": {"GET": OWNER, "POST": OWNER},
    "api_persona": {"GET": OWNER},
    "api_persona_activate": {"POST": OWNER},
    "api_persona_versions": {"GET": OWNER, "POST": OWNER},
    "api_persona_version": {"GET": OWNER, "PATCH": OWNER, "DELETE": OWNER},
    "api_persona_publish": {"POST": OWNER},
    "api_persona_restore": {"POST": OWNER},
    "api_usage": {"GET": OWNER},
    # The operators' rooms; whatever Django's admin makes of a registered model stands behind the same door.
    "second_factor": {"GET": OPERATORS, "POST": OPERATORS},
    "operator_look": {"POST": Row(NO, NO, NO, NO, ANY)},
    "operator_look_end": {"POST": EVERYBODY},
    "operators_fleet": {"GET": OPERATORS},
    "admin:login": {"GET": EVERYBODY, "POST": EVERYBODY},
    "admin:logout": {"POST": OF_OTHERS},
    "admin:*": {"GET": OPERATORS},
}
