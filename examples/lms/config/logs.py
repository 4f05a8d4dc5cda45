import sys
from logging.handlers import WatchedFileHandler


class SecurityFileHandler(WatchedFileHandler):
    """Keep the security log in a file, too; a missing folder doesn't stop the site.

    The stock handler raises: at start-up, or with delay=True in the request that logs.
    """

    failed = False

    def emit(self, record):
        try:
            super().emit(record)
            self.failed = False
        except OSError as error:
            if not self.failed:
                print(f"security log: {error}", file=sys.stderr)
            self.failed = True
