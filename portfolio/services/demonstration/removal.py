"""Takes the demonstration away: every generated project with its parts, and its people with all that names them."""

from django.db.models import Q

from accounts.models import Membership
from common.actors import Actor
from common.recording import recording
from portfolio.selectors.demonstration import LABEL
from portfolio.services.demonstration.city import KIND
from portfolio.services.demonstration.people import all_people
from projects.models import Assignment, Project, ProjectTag, Tag
from reminders.models import Delivery, Reminder


def remove(*, actor: Actor) -> tuple[int, int]:
    """Delete what was generated; return the numbers of projects and people. The projects of the report stay."""
    with recording(actor):
        tags = Tag.objects.filter(kind=KIND, label=LABEL)
        projects = Project.objects.filter(pk__in=list(ProjectTag.objects.filter(tag__in=tags).values_list("project", flat=True)))
        people = all_people()
        counts = projects.count(), people.count()
        Reminder.objects.filter(Q(project__in=projects) | Q(recipient__in=people)).delete()
        Delivery.objects.filter(recipient__in=people).delete()
        Assignment.objects.filter(Q(project__in=projects) | Q(user__in=people)).delete()
        Membership.objects.filter(delegated_by__in=people).exclude(user__in=people).update(delegated_by=None)
        Membership.objects.filter(user__in=people).delete()
        people.delete()
        Project.objects.filter(package__in=projects).exclude(pk__in=projects).update(package=None)
        projects.filter(package__isnull=False).delete()
        projects.delete()
        tags.delete()
    return counts
