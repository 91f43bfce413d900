"""An NNG socket for the interoperability tests.

The kind of socket is the argument; orders are lines on stdin, with a body of bytes behind a line where it gives a length.
Each order is answered with a line on stdout, again with the body behind it: `done`, `listening ADDRESS`, `body LENGTH`, or
`failed REASON`. Between the answers stand events, `* connected` and `* disconnected`. At the end of stdin the peer exits.
"""

import os
import sys
import threading

import pynng
from pynng._nng import ffi, lib

# Milliseconds; less than the test's own limit, so that the reason is seen.
LIMIT = 50_000

speaking = threading.Lock()


def say(line, body=b""):
    with speaking:
        sys.stdout.buffer.write(line.encode() + b"\n" + body)
        sys.stdout.buffer.flush()


def bytes(message):
    """The body of a message; pynng 0.9 fails to take an empty one apart."""
    return message.bytes if lib.nng_msg_len(message._nng_msg) else b""


def say_body(body):
    say(f"body {len(body)}", body)


class Peer:
    """One method for each order."""

    def __init__(self, kind):
        options = {"polyamorous": True} if kind == "Pair1Poly" else {}
        self.socket = getattr(pynng, kind.removesuffix("Poly") if options else kind)(
            recv_timeout=LIMIT, send_timeout=LIMIT, reconnect_time_min=20, reconnect_time_max=200, **options
        )
        if kind == "Surveyor0":
            self.socket.survey_time = LIMIT
        self.socket.add_post_pipe_connect_cb(lambda pipe: say("* connected"))
        self.socket.add_post_pipe_remove_cb(lambda pipe: say("* disconnected"))

    def version(self):
        say(f"pynng {pynng.__version__}, NNG {ffi.string(lib.nng_version()).decode()}")

    def listen(self, address):
        listener = self.socket.listen(address)
        say(f"listening {listener.url}")

    def dial(self, address):
        self.socket.dial(address, block=False)
        say("done")

    def subscribe(self, length):
        self.socket.subscribe(sys.stdin.buffer.read(int(length)))
        say("done")

    def send(self, length):
        self.socket.send(sys.stdin.buffer.read(int(length)))
        say("done")

    def recv(self):
        say_body(bytes(self.socket.recv_msg()))

    def send_numbers(self, count):
        for number in range(int(count)):
            self.socket.send(b"%d" % number)
        say("done")

    def recv_numbers(self, count):
        for number in range(int(count)):
            received = self.socket.recv()
            if received != b"%d" % number:
                raise ValueError(f"{received} came for {number}")
        say("done")

    def echo(self, count):
        """Sends back so many messages."""
        for _ in range(int(count)):
            self.socket.send(bytes(self.socket.recv_msg()))
        say("done")

    def answer(self, count):
        """Answers so many requests, one after the other."""
        for _ in range(int(count)):
            self.socket.send(b"re: " + bytes(self.socket.recv_msg()))
        say("done")

    def serve(self, contexts):
        """Answers requests on so many contexts from now on."""

        def work(context):
            while True:
                context.send(b"re: " + bytes(context.recv_msg()))

        for _ in range(int(contexts)):
            threading.Thread(target=work, args=[self.socket.new_context()], daemon=True).start()
        say("done")

    def ask(self, contexts):
        """Has so many requests open at once, each on its context, and takes the answers from the newest to the oldest."""
        asked = [(self.socket.new_context(), b"%d" % number) for number in range(int(contexts))]
        for context, request in asked:
            context.send(request)
        for context, request in reversed(asked):
            answer = bytes(context.recv_msg())
            if answer != b"re: " + request:
                raise ValueError(f"{answer} answers {request}")
        say("done")


def main():
    peer = Peer(sys.argv[1])
    for line in iter(sys.stdin.buffer.readline, b""):
        order, *rest = line.decode().split()
        try:
            getattr(peer, order)(*rest)
        except Exception as error:
            say(f"failed {order}: {error!r}")
    # Threads may wait in NNG, and the sockets are not to be flushed.
    os._exit(0)


main()
