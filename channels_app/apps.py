from django.apps import AppConfig


class ChannelsAppConfig(AppConfig):
    name = "channels_app"
    verbose_name = "Channels"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, pre_delete

        from channels_app import audit_sentences, erasure, exports, holdings, limits_of_time
        from channels_app.models import Channel, DataExport

        holdings.enter()
        limits_of_time.enter_ours()
        audit_sentences.enter()
        pre_delete.connect(erasure.before_deletion, sender=Channel)
        post_delete.connect(exports.forget_file, sender=DataExport)
