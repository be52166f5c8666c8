"""Registers the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "人员与单位"

    def ready(self) -> None:
        from accounts.api import schema  # noqa: F401  registers itself with the schema generator
