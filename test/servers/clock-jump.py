"""Sets the wall clock that a running static program sees so many seconds from the true one: clock-jump.py PID SECONDS.

Such a program (of Go) asks the kernel's vDSO, which no library can stand before. What the vDSO has there is replaced,
in this one process, by the system call and an addition; clocks that count from the start stay true.
"""

import ctypes
import os
import signal
import struct
import sys
import time

ATTACH, DETACH = 16, 17
WAIT_ALL = 0x40000000
DYNAMIC_SYMBOLS = 11
TRIES = 200

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, pid):
    if libc.ptrace(request, pid, 0, 0) == -1:
        raise OSError(ctypes.get_errno(), f"ptrace {request}: {os.strerror(ctypes.get_errno())}")


def vdso(pid):
    """Where it lies in the process, and how long it is."""
    with open(f"/proc/{pid}/maps") as maps:
        line = next(line for line in maps if "[vdso]" in line)
    first, last = (int(each, 16) for each in line.split()[0].split("-"))
    return first, last - first


def symbol(image, wanted):
    """The offset of a dynamic symbol in an ELF image of 64 bits."""
    (sections,) = struct.unpack_from("<Q", image, 40)
    size, count = struct.unpack_from("<HH", image, 58)
    for number in range(count):
        section = sections + number * size
        if struct.unpack_from("<I", image, section + 4)[0] != DYNAMIC_SYMBOLS:
            continue
        start, length = struct.unpack_from("<QQ", image, section + 24)
        (link,) = struct.unpack_from("<I", image, section + 40)
        (strings,) = struct.unpack_from("<Q", image, sections + link * size + 24)
        for entry in range(start, start + length, 24):
            name = strings + struct.unpack_from("<I", image, entry)[0]
            if image[name : image.index(b"\0", name)] == wanted:
                return struct.unpack_from("<Q", image, entry + 8)[0]
    raise LookupError(wanted)


def code(seconds):
    """clock_gettime as the system call; CLOCK_REALTIME, which is number 0, so many seconds later."""
    call = bytes.fromhex("b8e4000000 0f05 85ff 7507 488106")
    return call + struct.pack("<i", seconds) + b"\xc3"


def counters(pid):
    """Where its threads stand, as far as they stand outside of a system call."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/syscall") as file:
            fields = file.read().split()
        if fields[0] == "running":
            yield None
        else:
            yield int(fields[-1], 16)


def stopped(pid, first, last):
    """Stops all threads where none of them is within what will be replaced."""
    for _ in range(TRIES):
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.005)
        if all(at is not None and not first <= at < last for at in counters(pid)):
            return
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.005)
    raise TimeoutError("its threads cannot be stopped")


def main(pid, seconds):
    start, length = vdso(pid)
    replacement = code(seconds)
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(start)
        image = memory.read(length)
        at = start + symbol(image, b"__vdso_clock_gettime")
        stopped(pid, at, at + len(replacement))
        try:
            # Without it the kernel lets nobody write there.
            ptrace(ATTACH, pid)
            os.waitpid(pid, WAIT_ALL)
            try:
                memory.seek(at)
                memory.write(replacement)
            finally:
                ptrace(DETACH, pid)
        finally:
            os.kill(pid, signal.SIGCONT)


main(int(sys.argv[1]), int(sys.argv[2]))
