"""Evidence over HTTP: files in, files out, never as a page of this origin."""

from typing import IO, Any
from urllib.parse import quote

from django.db import models
from django.http import FileResponse, HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.answers import VARY
from common.api.pagination import Key
from common.api.parsers import MultiPartParser
from common.api.queries import Query
from common.api.views import Resource, Writing
from projects.api.filters import EvidenceFilter
from projects.api.serializers import evidence as serializers
from projects.models import Evidence
from projects.selectors import evidence as selectors
from projects.services import evidence

FILES = ("content", "thumbnail")
YEAR = 365 * 24 * 3600


class EvidenceViewSet(Writing, Resource):
    """Photos and documents that prove something about a project."""

    queryset = Evidence.objects.none()
    serializer_class = serializers.EvidenceSerializer
    parser_classes = (MultiPartParser,)
    columns = selectors.COLUMNS
    filterset_class = EvidenceFilter
    default_order = (Key("id", descending=True),)

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.evidence(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape(row)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A file has one type, whatever is asked for: an `<img>` asks for pictures only."""
        return super().perform_content_negotiation(request, force=force or self.action in FILES)

    @extend_schema(request={"multipart/form-data": serializers.EvidenceInput}, responses={201: serializers.EvidenceSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep a photo (JPEG, PNG, WebP; 15 MB) or a PDF (30 MB), judged by content. The same file of a project is kept once."""
        self.allow(Act.EDIT)
        self.media()
        fields = self.body(serializers.EvidenceInput)
        self.allow(Act.EDIT, fields["project"].offices)
        made = evidence.add_evidence(fields["project"].pk, fields["file"], actor=self.actor, now=clock.now())
        return self.answer_row(made.pk, status=201, location=f"/api/v1/evidence/{made.pk}/")

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        found: Evidence = self.target()
        self.allow(Act.EDIT, found.project.offices)
        version = self.version_seen(found.version, required=True)
        self.refuse_query()
        evidence.delete_evidence(found.pk, version=version, actor=self.actor)
        return HttpResponse(status=204)

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    def content(self, request: Request, pk: str) -> HttpResponseBase:
        """The file as it came."""
        found: Evidence = self.target()
        self.refuse_query()
        return _file(request, found, selectors.open_content(found), found.media_type, f'"{found.sha256}"')

    @extend_schema(responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    def thumbnail(self, request: Request, pk: str) -> HttpResponseBase:
        """A small picture of a photo, at most 480 pixels; a document has none."""
        found: Evidence = self.target()
        self.refuse_query()
        return _file(request, found, selectors.open_thumbnail(found), "image/jpeg", f'"{found.sha256}.thumbnail"')


def _file(request: Request, row: Evidence, file: IO[bytes], media_type: str, tag: str) -> HttpResponseBase:
    """The type is the one the content was judged to have, and no browser may think otherwise or run anything in it."""
    response: HttpResponseBase
    if tag in [given.strip() for given in request.headers.get("If-None-Match", "").split(",")]:
        file.close()
        response = HttpResponse(status=304)
    else:
        response = FileResponse(file, content_type=media_type)
        response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(row.name, safe='')}"
    response["ETag"] = tag
    response["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    response["Vary"] = VARY
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
