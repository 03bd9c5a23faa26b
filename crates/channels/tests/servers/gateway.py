"""A gateway for tests: takes webhooks and checks their signature with its own means. The path says
what it answers; every answer repeats what it was sent, as real ones do."""

import argparse
import base64
import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from common import end_with_parent, say, tls_context

options = None


def is_signed(headers, body):
    key = base64.b64decode(options.secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    given = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest("v1," + expected, one) for one in given)


class Gateway(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        say(method="GET", path=self.path)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        text = body.decode()
        say(method="POST", path=self.path, headers=headers, body=text, signed=is_signed(headers, body))
        if self.path == "/hang":
            threading.Event().wait()
        if self.path == "/cut":
            self.close_connection = True
            return
        self.send_response(int(self.path.rsplit("/", 1)[1]))
        self.send_header("location", f"http://127.0.0.1:{self.server.server_port}/stolen/200")
        self.send_header("retry-after", "7")
        if self.path.startswith("/flood"):
            self.send_header("x-flood", "x" * 1_000_000)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("--secret", required=True)
    parser.add_argument("--tls")
    options = parser.parse_args()
    end_with_parent()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    context = tls_context(options.tls)
    if context:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    say(port=server.server_port)
    server.serve_forever()


main()
