"""A mail server for tests. The name before the @ says what becomes of a mail; with `-once` behind
it, of the first one."""

import argparse
import asyncio
import email
import email.policy
import socket
import threading
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

from common import end_with_parent, say, tls_context


# It cannot see that TLS is there from the first byte, and warns.
warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")


_met = set()


def fate(address):
    """The name that says what becomes of a mail to this address now."""
    local = address.split("@")[0]
    if not local.endswith("-once"):
        return local
    if local in _met:
        return ""
    _met.add(local)
    return local.removesuffix("-once")


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("banned@"):
            return f"550 5.7.1 <{address}> may not send here"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        answers = {
            "nobody": f"550 5.1.1 <{address}> is unknown here",
            "later": f"451 4.2.1 <{address}> come back later",
        }
        local = address.split("@")[0]
        # What comes of the text is decided when it is there.
        if local.removesuffix("-once") in ("nobody", "later", "gone"):
            local = fate(address)
        if local == "gone":
            server.transport.abort()
            await asyncio.sleep(3600)
        if local in answers:
            return answers[local]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say(
            mail_from=envelope.mail_from,
            rcpt_tos=envelope.rcpt_tos,
            headers=[[name, str(value)] for name, value in parsed.items()],
            text=parsed.get_content(),
            raw=envelope.content.decode("latin-1"),
            tls=session.ssl is not None,
            login=getattr(session, "shown_login", None),
        )
        local = fate(envelope.rcpt_tos[0])
        if local == "spam":
            text = parsed.get_content().encode("ascii", "replace").decode()
            return "554 5.7.1 refused: " + " ".join(text.split())
        if local == "full":
            return f"452 4.3.1 no room for <{envelope.rcpt_tos[0]}>"
        if local == "cut":
            server.transport.abort()
        if local in ("cut", "hang"):
            await asyncio.sleep(3600)
        return "250 OK queued for " + envelope.rcpt_tos[0]


def authenticator(username, password):
    def check(server, session, envelope, mechanism, data):
        good = data.login == username.encode() and data.password == password.encode()
        session.shown_login = data.login.decode()
        return AuthResult(success=good, handled=False)

    return check


def slip_lines_in(files):
    """Says more than it should before TLS begins, all in one go; then tells whether the client
    went on as if nothing were wrong."""
    listener = socket.create_server(("127.0.0.1", 0))
    say(port=listener.getsockname()[1])
    connection, _ = listener.accept()
    connection.sendall(b"220 here\r\n")
    connection.recv(1024)
    connection.sendall(b"250-here\r\n250 STARTTLS\r\n")
    connection.recv(1024)
    connection.sendall(b"220 go ahead\r\n250-here\r\n250 AUTH PLAIN\r\n")
    try:
        encrypted = tls_context(files).wrap_socket(connection, server_side=True)
        say(went_on=encrypted.recv(1024).decode())
    except OSError:
        say(went_on=None)
    threading.Event().wait()


async def serve(settings, context, port):
    def conversation():
        return SMTP(Handler(), hostname="localhost", **settings)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(conversation, "127.0.0.1", port, ssl=context)
    say(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--implicit-tls")
    parser.add_argument("--starttls")
    parser.add_argument("--slip-lines-in")
    parser.add_argument("--login")
    parser.add_argument("--utf8", action="store_true")
    parser.add_argument("--no-login", action="store_true")
    options = parser.parse_args()
    end_with_parent()
    if options.slip_lines_in:
        return slip_lines_in(options.slip_lines_in)
    settings = {"enable_SMTPUTF8": options.utf8, "auth_require_tls": bool(options.starttls)}
    if options.starttls:
        settings |= {"tls_context": tls_context(options.starttls), "require_starttls": True}
    if options.no_login:
        settings |= {"auth_exclude_mechanism": ["LOGIN", "PLAIN"]}
    if options.login:
        settings |= {"authenticator": authenticator(*options.login.split(":"))}
        settings |= {"auth_required": True}
    asyncio.run(serve(settings, tls_context(options.implicit_tls), options.port))


main()
