"""文件: the photos and documents of a project by what they prove, with time and place; adding some, taking back one."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from common import clock
from milestones.selectors.files import MOST, files_of
from portal.forms import fields
from portal.forms.fields import Field, Form
from portal.forms.problems import FILE_HINT
from portal.views import tabs
from portal.views.access import SignedIn, signed_in
from projects.selectors.evidence import evidence as seen
from projects.services import evidence as services

FILES = (Field(tabs.FILE, gettext_lazy("照片或文件"), "files", is_required=True, hint=FILE_HINT),)


@signed_in
@require_GET
def files(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    return _page(request, tabs.head(request, project_id), fields.empty(FILES))


@signed_in
@require_POST
def add(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    """Keep up to nine files, all or none."""
    project = tabs.head(request, project_id)
    uploads = request.FILES.getlist(tabs.FILE)
    form = fields.empty(FILES)
    if not uploads:
        form.entry(tabs.FILE).fault = gettext("请选择文件。")

    def act() -> str:
        kept = services.add_many(project.pk, uploads, actor=request.actor, now=clock.now())
        return ngettext("已保存 %(n)s 个文件。", "已保存 %(n)s 个文件。", len(kept)) % {"n": len(kept)}

    return _answered(request, project, form, act)


@signed_in
@require_POST
def remove(request: SignedIn, file_id: uuid.UUID) -> HttpResponse:
    """Take back a file that proves nothing yet."""
    row = seen(request.actor).filter(pk=file_id).first()
    if row is None:
        raise Http404
    project = tabs.head(request, row.project_id)

    def act() -> str:
        services.delete_evidence(row.pk, version=tabs.version(request), actor=request.actor)
        return gettext("已删除：%(name)s。") % {"name": row.name}

    return _answered(request, project, fields.empty(FILES), act)


def _answered(request: SignedIn, project: Any, form: Form, act: Any) -> HttpResponse:
    def again(alert: str, status: int) -> HttpResponse:
        return _page(request, project, form, alert=alert, status=status)

    return tabs.answered(request, project, form, act, again=again, to=reverse("project-files", args=[project.pk]))


def _page(request: SignedIn, project: Any, form: Form, *, alert: str = "", status: int = 200) -> HttpResponse:
    groups = files_of(project.pk, request.actor)
    context = {
        "area": "projects",
        "tab": "files",
        "project": project,
        "groups": groups,
        "form": form,
        "alert": alert,
        "is_cut": sum(len(group.rows) for group in groups) == MOST,
        "most": MOST,
    }
    return render(request, "portal/files.html", context, status=status)
