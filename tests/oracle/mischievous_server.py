"""An HTTP server that serves the files of a folder as bad networks and bad servers do.

mischievous_server.py FOLDER LOG: prints its port and serves /MODE/NAME until it is killed. Every
request is a line in LOG: path, Range, If-Range and what was answered, separated by tabs.
"""

import http.server
import pathlib
import re
import sys
import time
from collections import Counter

FOLDER, LOG = map(pathlib.Path, sys.argv[1:])
SEEN = Counter()  # requests by path: some modes behave badly only at first


class Mischief(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("http://"):  # we are the proxy
            self.path = "/proxied/" + self.path.rsplit("/", 1)[1]
        _, mode, name = self.path.split("?")[0].split("/")
        SEEN[self.path] += 1
        self.first = SEEN[self.path] == 1
        self.content = (FOLDER / name).read_bytes()
        getattr(self, mode)()

    # Ways to behave.

    def good(self):
        self.answer()

    def proxied(self):
        self.answer()

    def drop(self):
        """The connection ends after a third of what was asked for, twice."""
        self.answer(keep=1 / 3 if SEEN[self.path] <= 2 else 1)

    def dribble(self):
        """Never more than 1000 bytes of what is promised."""
        self.answer(most=1000)

    def stall(self):
        self.answer(most=50 if self.first else None, then_sleep=60 if self.first else 0)

    def norange(self):
        """Knows no ranges, and drops the first connection."""
        self.answer(ranges=False, keep=0.5 if self.first else 1)

    def elsewhere(self):
        """Answers a range with the beginning of the file."""
        if self.headers["Range"]:
            self.answer(start=0, status=206)
        else:
            self.answer(keep=0.5 if self.first else 1)

    def changed(self):
        """Half of an older version, then another one."""
        if self.first:
            self.content = bytes(255 - b for b in self.content)
        self.answer(keep=0.5 if self.first else 1, tag='"old"' if self.first else '"new"')

    def long(self):
        self.answer(promise=1000)

    def short(self):
        self.answer(promise=-1000)

    def endless(self):
        """Says nothing of the length and sends ten times too much."""
        self.content *= 10
        self.answer(promise=None)

    def wrong(self):
        self.content = bytes([self.content[0] ^ 1]) + self.content[1:]
        self.answer()

    def moved(self):
        self.redirect("/good/" + self.path.rsplit("/", 1)[1])

    def tofile(self):
        self.redirect("file:///etc/hostname")

    def loop(self):
        self.redirect(self.path)

    def missing(self):
        self.fail(404)

    def broken(self):
        self.fail(500)

    def busy(self):
        if SEEN[self.path] <= 2:
            self.fail(503)
        else:
            self.answer()

    # What they are made of.

    def answer(self, ranges=True, keep=1.0, most=None, then_sleep=0, promise=0, tag='"one"',
               start=None, status=None):
        size = len(self.content)
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        same_version = self.headers["If-Range"] in (None, tag)
        if start is None:
            start = int(asked.group(1)) if asked and ranges and same_version else 0
        if start >= size:
            self.fail(416, {"Content-Range": f"bytes */{size}"})
            return
        body = self.content[start:]
        self.note(status or (206 if start else 200))
        self.send_response(status or (206 if start else 200))
        self.send_header("ETag", tag)
        if start or status == 206:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if promise is not None:
            self.send_header("Content-Length", str(len(body) + promise))
        self.end_headers()
        sent = body[:int(len(body) * keep)][:most]
        if promise is not None and promise < 0:
            sent = sent[:promise]
        try:
            self.wfile.write(sent)
            self.wfile.flush()
            time.sleep(then_sleep)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has had enough

    def redirect(self, to):
        self.note(302)
        self.send_response(302)
        self.send_header("Location", to)
        self.end_headers()

    def fail(self, status, headers=()):
        self.note(status)
        self.send_response(status)
        for key, value in dict(headers).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(b"an error page that is no weight file")

    def note(self, status):
        fields = [self.path, self.headers["Range"] or "", self.headers["If-Range"] or "",
                  str(status)]
        with LOG.open("a", encoding="utf-8") as log:
            log.write("\t".join(fields) + "\n")

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mischief)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
