"""The pages and the API of a channel, and the overlay page."""

from __future__ import annotations

from django.urls import include, path, re_path

from channels_app.dashboard import (
    access_pages,
    action_pages,
    audit_pages,
    commands,
    guard_pages,
    history_pages,
    member_pages,
    obs_pages,
    pages,
    privacy_pages,
    replies,
    reward_pages,
    settings_pages,
    site_page_views,
)
from channels_app.overlay.views import overlay
from channels_app.twitch.local import local_sign_in

HUSH = r"(?P<name>skip|panic|calm|test|end-test)"
REPLY = r"(?P<deed>approve|reject|kill)"
RUN = r"(?P<name>start|stop)"

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("sign-in/", pages.sign_in, name="sign_in"),
    path("sign-in/local/", local_sign_in, name="local_sign_in"),
    path("sign-out/", pages.sign_out, name="sign_out"),
    path("home/", pages.home, name="home"),
    path("o/<str:public_id>", overlay, name="overlay"),
    path("panic/<str:public_id>/<str:key>", guard_pages.panic_url, name="panic_url"),
    path("c/<str:public_id>/", pages.channel, name="channel"),
    path("c/<str:public_id>/live/", pages.live, name="live"),
    path("c/<str:public_id>/history/", history_pages.history, name="history"),
    path("c/<str:public_id>/queue/drop/", commands.drop_waiting, name="drop_waiting"),
    path("c/<str:public_id>/queue/next/", commands.answer_next, name="answer_next"),
    re_path(rf"^c/(?P<public_id>[\w-]+)/reply/{REPLY}/$", replies.reply, name="reply"),
    path("c/<str:public_id>/talk/", commands.say, name="talk"),
    path("c/<str:public_id>/turns/<uuid:turn_id>/wrong/", commands.report_wrong, name="report_wrong"),
    path("c/<str:public_id>/overlay-url/", commands.new_overlay_url, name="new_overlay_url"),
    path("c/<str:public_id>/overlay-url/revoke/", commands.revoke_overlay_urls, name="revoke_overlay_urls"),
    re_path(rf"^c/(?P<public_id>[\w-]+)/do/{HUSH}/$", commands.hush, name="hush"),
    re_path(rf"^c/(?P<public_id>[\w-]+)/do/{RUN}/$", commands.run, name="run"),
    path("c/<str:public_id>/obs/", obs_pages.obs, name="obs"),
    path("c/<str:public_id>/obs/live/", obs_pages.live, name="obs_live"),
    path("c/<str:public_id>/obs/mouth-offset/", obs_pages.save_mouth_offset, name="save_mouth_offset"),
    path("c/<str:public_id>/settings/", settings_pages.settings_page, name="settings"),
    path("c/<str:public_id>/settings/stage/", settings_pages.save_stage, name="save_stage"),
    path("c/<str:public_id>/settings/safety/", settings_pages.save_safety, name="save_safety"),
    path("c/<str:public_id>/settings/guard/", guard_pages.save_guard, name="save_guard"),
    path("c/<str:public_id>/settings/panic-url/", guard_pages.new_panic_url, name="new_panic_url"),
    path("c/<str:public_id>/settings/panic-url/revoke/", guard_pages.revoke_panic_url, name="revoke_panic_url"),
    path("c/<str:public_id>/settings/captions/", settings_pages.save_captions, name="save_captions"),
    path("c/<str:public_id>/settings/provider/<str:kind>/", settings_pages.save_provider, name="save_provider"),
    path(
        "c/<str:public_id>/settings/provider/<str:kind>/remove/", settings_pages.remove_provider, name="remove_provider"
    ),
    path("c/<str:public_id>/settings/reward/", reward_pages.reward, name="reward"),
    path("c/<str:public_id>/settings/reward/save/", reward_pages.save_reward, name="save_reward"),
    path("c/<str:public_id>/settings/reward/remove/", reward_pages.remove_reward, name="remove_reward"),
    path("c/<str:public_id>/members/", member_pages.members, name="members"),
    path("c/<str:public_id>/members/invite/", member_pages.invite, name="add_member"),
    path("c/<str:public_id>/members/leave/", member_pages.leave, name="leave"),
    path("c/<str:public_id>/members/<int:user_id>/powers/", member_pages.set_powers, name="set_powers"),
    path("c/<str:public_id>/members/<int:user_id>/remove/", member_pages.remove, name="remove_member"),
    path(
        "c/<str:public_id>/members/invitations/<int:invitation_id>/take-back/",
        member_pages.take_back,
        name="take_back_invitation",
    ),
    path("c/<str:public_id>/settings/api/", access_pages.access, name="api_access"),
    path("c/<str:public_id>/settings/api/tokens/", access_pages.new_token, name="new_api_token"),
    path(
        "c/<str:public_id>/settings/api/tokens/<int:token_id>/revoke/",
        access_pages.revoke_token,
        name="revoke_api_token",
    ),
    path("c/<str:public_id>/settings/api/urls/", access_pages.new_url, name="new_action_url"),
    path("c/<str:public_id>/settings/api/urls/<int:url_id>/revoke/", access_pages.revoke_url, name="revoke_action_url"),
    path("do/<str:key>/<str:action>", action_pages.action_url, name="action_url"),
    path("api/v1/", include("channels_app.api.urls")),
    path("join/<str:token>/", member_pages.join, name="join"),
    path("invited/<int:pk>/", member_pages.invited, name="invited"),
    path("c/<str:public_id>/log/", audit_pages.log, name="audit"),
    path("c/<str:public_id>/log/file/", audit_pages.table, name="audit_table"),
    path("c/<str:public_id>/privacy/", privacy_pages.page, name="privacy"),
    path("c/<str:public_id>/privacy/exports/", privacy_pages.progress, name="export_progress"),
    path("c/<str:public_id>/privacy/exports/ask/", privacy_pages.ask_export, name="ask_export"),
    path("c/<str:public_id>/privacy/exports/<int:export_id>/", privacy_pages.download, name="download_export"),
    path("c/<str:public_id>/privacy/chatter/", privacy_pages.find_chatter, name="find_chatter"),
    path("c/<str:public_id>/privacy/chatter/copy/", privacy_pages.copy_chatter, name="copy_chatter"),
    path("c/<str:public_id>/privacy/chatter/erase/", privacy_pages.erase_chatter, name="erase_chatter"),
    path("c/<str:public_id>/privacy/delete/", privacy_pages.delete, name="delete_channel"),
    path("c/<str:public_id>/closing/", privacy_pages.closing, name="closing"),
    path("site/<slug:slug>/", site_page_views.site_page, name="site_page"),
    path("agree/", site_page_views.agree, name="agree"),
]
