"""The URL table."""

from django.urls import path

urlpatterns: list = []
