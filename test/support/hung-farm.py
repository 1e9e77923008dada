"""Receivers that hang, one per address, spread over the states of a mail transaction.

Arguments: port, number of receivers. Prints one line of JSON with their addresses by state, then serves until its
standard input closes. `syn` hangs before the connection stands: a full accept queue drops every further SYN.
"""

import json
import selectors
import socket
import sys
import threading

STATES = ["syn", "banner", "ehlo", "starttls", "tls", "mail", "rcpt", "data", "body", "dot", "quit"]
EHLO = b"250-mx.hung.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 26214400\r\n"
EHLO_TLS = b"250-mx.hung.test\r\n250-STARTTLS\r\n250 8BITMIME\r\n"

selector = selectors.DefaultSelector()
kept = []


def address_of(index):
    return "127.1.%d.%d" % (index // 250, index % 250 + 1)


def listen(index, port):
    state = STATES[index % len(STATES)]
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if state == "body":
        # Inherited by accepted sockets: the window closes after a few kilobytes.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    listener.bind((address_of(index), port))
    listener.listen(0 if state == "syn" else 64)
    kept.append(listener)
    if state == "syn":
        for _ in range(2):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((address_of(index), port))
            kept.append(filler)
        return state
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ, ("listen", state))
    return state


class Session:
    def __init__(self, peer, state):
        self.peer = peer
        self.state = state
        self.text = b""
        self.in_data = False
        if state != "banner":
            self.say(b"220 mx.hung.test ESMTP\r\n")

    def say(self, text):
        try:
            self.peer.send(text)
        except OSError:
            pass

    def hear(self):
        if self.state == "body" and self.in_data:
            # Never read again: the sender's window stays closed.
            selector.unregister(self.peer)
            return
        try:
            got = self.peer.recv(2048 if self.state == "body" else 65536)
        except OSError:
            got = b""
        if got == b"":
            selector.unregister(self.peer)
            self.peer.close()
            return
        self.text += got
        self.read()

    def read(self):
        while True:
            end = b"\r\n.\r\n" if self.in_data else b"\r\n"
            at = self.text.find(end)
            if at == -1:
                return
            line, self.text = self.text[:at], self.text[at + len(end):]
            if self.in_data:
                self.in_data = False
                if self.state != "dot":
                    self.say(b"250 2.0.0 Ok\r\n")
            else:
                self.answer(line.upper())

    def answer(self, line):
        verb = line.split(b" ", 1)[0].split(b":", 1)[0].decode("latin1").lower()
        if verb == self.state:
            return
        if verb == "ehlo":
            self.say(EHLO_TLS if self.state in ("starttls", "tls") else EHLO)
        elif verb == "starttls":
            self.say(b"220 2.0.0 Ready\r\n")
        elif verb == "data":
            self.in_data = True
            self.text = b"\r\n" + self.text
            self.say(b"354 Go on\r\n")
        else:
            self.say(b"250 2.1.0 Ok\r\n")


def end_with_input():
    sys.stdin.read()
    # Everything here belongs to this process alone.
    import os

    os._exit(0)


def main():
    port, count = int(sys.argv[1]), int(sys.argv[2])
    places = {}
    for index in range(count):
        places.setdefault(listen(index, port), []).append(address_of(index))
    print(json.dumps(places), flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    while True:
        for key, _ in selector.select():
            if isinstance(key.data, tuple):
                peer, _ = key.fileobj.accept()
                peer.setblocking(False)
                selector.register(peer, selectors.EVENT_READ, Session(peer, key.data[1]))
            else:
                key.data.hear()


main()
