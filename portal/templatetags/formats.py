"""Template filters: the only place that rounds for the eye."""

from django import template

register = template.Library()
