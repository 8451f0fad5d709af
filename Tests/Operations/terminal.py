"""Runs `agenthub top` on a terminal of its own and looks at what it does to that.

usage: terminal.py PROGRAM URL HOW, with HOW one of: q, TERM, INT, HUP, SEGV, hangup
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

program, url, how = sys.argv[1:]
ours, theirs = pty.openpty()
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
before = termios.tcgetattr(theirs)
child = os.fork()
if child == 0:
    os.setsid()
    # Whoever runs the tests may keep signals from its children.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
    for number in range(3):
        os.dup2(theirs, number)
    os.environ.update(TERM="xterm", SWIFT_BACKTRACE="enable=no")
    os.execv(program, [program, "top", "--url", url])

seen = b""


def read_until(condition, what):
    global seen
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"not seen: {what}: {seen[-300:]!r}"
        if select.select([ours], [], [], 0.1)[0]:
            try:
                seen += os.read(ours, 65536)
            except OSError:
                break


read_until(lambda: b"Consumers" in seen, "a picture")
assert seen.startswith(b"\x1b[?1049h\x1b[?25l"), seen[:40]
during = termios.tcgetattr(theirs)
assert not during[3] & (termios.ECHO | termios.ICANON), "the terminal echoes"

# Narrower: what is drawn next is, too.
mark = len(seen)
fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 30, 0, 0))
read_until(lambda: b"Consumers" in seen[mark:], "a narrower picture")
narrow = seen[mark:].split(b"\x1b[H")[-1].split(b"\x1b[J")[0]
for line in narrow.decode().replace("\x1b[K", "").split("\r\n"):
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m"):
        line = line.replace(code, "")
    assert len(line) <= 30, line

if how == "q":
    os.write(ours, b"xq")
elif how == "hangup":
    # Of whoever opened the terminal nobody is left.
    os.close(theirs)
    os.close(ours)
else:
    os.kill(child, getattr(signal, "SIG" + how))
end = time.monotonic() + 60
while True:
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        break
    assert time.monotonic() < end, "it does not end"
    time.sleep(0.01)
if how == "hangup":
    assert os.WIFSIGNALED(status) or os.WIFEXITED(status)
    print("ended")
    sys.exit(0)
read_until(lambda: seen.endswith(b"\x1b[?25h\x1b[?1049l"), "the screen as it was")
assert termios.tcgetattr(theirs) == before, "the terminal is not as it was"
if how == "q":
    assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0, status
else:
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == getattr(signal, "SIG" + how), status
print("restored")
