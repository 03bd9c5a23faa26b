"""A receiver of webhooks that takes what `standardwebhooks` says is signed, and nothing else. It
tells each request as a line of JSON, and ends with the test that started it."""

import http.server
import json
import os
import sys
import threading

from standardwebhooks import Webhook

webhook = Webhook(sys.argv[1])


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            told = webhook.verify(body, dict(self.headers))
            status, index = 204, told["data"]["index"]
        except Exception as error:
            status, index = 401, repr(error)
        print(json.dumps({"status": status, "index": index}), flush=True)
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print(json.dumps({"port": server.server_address[1]}), flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
