"""Sets up a privacyIDEA server in a new folder and runs it, over TLS.

    serve.py FOLDER CERTIFICATE KEY [--audit COUNT]

Tells its port in a line of JSON. A line `rotate NUMBER` on standard input deletes the audit entries
below that number, as `pi-manage audit rotate` does; it answers in a line.
"""

import json
import os
import sys
import threading

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

FOLDER, CERTIFICATE, KEY = sys.argv[1:4]
AUDIT = int(sys.argv[5]) if sys.argv[4:5] == ["--audit"] else 0


def at(name):
    return os.path.join(FOLDER, name)


def write(name, content):
    with open(at(name), "wb") as file:
        file.write(content)


def set_up():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    write("private.pem", key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption()))
    write("public.pem", key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    write("enckey", os.urandom(96))
    write("people", b"anna:x:1001:1001:Anna::/home/anna:/bin/sh\n"
                    b"ben:x:1002:1002:Ben::/home/ben:/bin/sh\n")
    write("pi.cfg", f"""
SUPERUSER_REALM = ["admins"]
SQLALCHEMY_DATABASE_URI = "sqlite:///{at('pi.db')}"
SECRET_KEY = {os.urandom(24).hex()!r}
PI_PEPPER = {os.urandom(24).hex()!r}
PI_ENCFILE = "{at('enckey')}"
PI_AUDIT_KEY_PRIVATE = "{at('private.pem')}"
PI_AUDIT_KEY_PUBLIC = "{at('public.pem')}"
PI_AUDIT_MODULE = "privacyidea.lib.auditmodules.sqlaudit"
PI_LOGFILE = "{at('pi.log')}"
PI_LOGLEVEL = 30
""".encode())


def main():
    set_up()
    from privacyidea.app import create_app
    from privacyidea.lib.auth import create_db_admin
    from privacyidea.models import Audit, db
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *_):
            pass

    app = create_app(config_name="production", config_file=at("pi.cfg"), silent=True)
    with app.app_context():
        db.create_all()
        for name in ("admin", "glass"):
            create_db_admin(name, password=f"{name} has a password")
        for number in range(AUDIT):
            db.session.add(Audit(action="POST /validate/check", success=1, user="anna",
                                 realm="people", info=f"made {number}"))
        db.session.commit()

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet,
                         ssl_context=(CERTIFICATE, KEY))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port}), flush=True)
    for line in sys.stdin:
        verb, number = line.split()
        assert verb == "rotate"
        with app.app_context():
            db.session.query(Audit).filter(Audit.id < int(number)).delete()
            db.session.commit()
        print(json.dumps({"rotated": True}), flush=True)


main()
