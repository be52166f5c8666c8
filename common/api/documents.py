"""A page for every problem code: what happened, and what to do."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from common.api.problems import PROBLEMS


def problem_index(request: HttpRequest) -> HttpResponse:
    return render(request, "api/problems.html", {"problems": sorted(PROBLEMS.items(), key=lambda item: (item[1].status, item[0]))})


def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    if code not in PROBLEMS:
        raise Http404
    return render(request, "api/problem.html", {"code": code, "problem": PROBLEMS[code]})
