"""How uploaded files are read: streamed to disk, and never more of one than the product takes."""

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class CappedUploadHandler(TemporaryFileUploadHandler):
    """What exceeds the largest file is read past, not kept. The `size` tells the truth, so whoever judges the file refuses it."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start < settings.LARGEST_FILE:
            super().receive_data_chunk(raw_data, start)
