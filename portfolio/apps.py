"""Registers what the portfolio adds to a project's detail and filters."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = "全市"
