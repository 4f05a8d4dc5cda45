from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class LimitedUploadHandler(FileUploadHandler):
    """Refuse a file over UPLOAD_LIMIT while it arrives: Django itself has no such limit."""

    def receive_data_chunk(self, raw_data, start):
        if start + len(raw_data) > settings.UPLOAD_LIMIT:
            raise RequestDataTooBig(f"A file is over {settings.UPLOAD_LIMIT} bytes.")
        return raw_data

    def file_complete(self, file_size):
        return None
