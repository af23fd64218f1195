"""A server that forks workers which have imported everything already.

Importing jax and Flax takes seconds of the processor in each process.  The fork server of
`multiprocessing` imports them once for all workers, but once more than the process that asks; this
one is a fork of that process, made when all is imported and jax has not started any threads yet.
"""

import atexit
import os
import socket
import sys
import threading
import time
from multiprocessing import connection, get_context
from multiprocessing import forkserver as standard
from multiprocessing.context import BaseContext
from typing import Any

#: Seconds in which the server is to end once its workers have been stopped.
_PATIENCE = 10.0

#: The standard server of this process, which holds the address of the one that is asked.
_SERVER: Any = standard._forkserver


def start() -> bool:
    """Fork the server off; whether that was done.

    Call it when this process has imported what workers need, and before jax starts.  It is not done
    on systems where that is unsafe, beside threads, nor on a Python whose server differs.
    """
    threads = threading.active_count() > 1
    if sys.platform != "linux" or sys.version_info >= (3, 14) or threads or _running():
        return False
    listener = socket.socket(socket.AF_UNIX)
    address = connection.arbitrary_address("AF_UNIX")  # type: ignore[attr-defined]
    listener.bind(address)
    os.chmod(address, 0o600)
    listener.listen()
    alive_r, alive_w = os.pipe()
    pid = os.fork()
    if pid == 0:
        _serve(listener, alive_r, alive_w)
    listener.close()
    os.close(alive_r)
    _SERVER._forkserver_address, _SERVER._forkserver_alive_fd = address, alive_w
    _SERVER._forkserver_pid = pid
    atexit.register(stop)
    return True


def _serve(listener: socket.socket, alive_r: int, alive_w: int) -> None:
    """The life of the server: until nobody is left who may ask it for a worker."""
    try:
        os.close(alive_w)
        standard.main(listener.detach(), alive_r, ())
    finally:
        os._exit(0)


def _running() -> bool:
    return _SERVER._forkserver_pid is not None


def context() -> BaseContext:
    """How to start a worker: by the server, or else as a new Python."""
    return get_context("forkserver" if _running() else "spawn")


def stop() -> None:
    """End the server once its workers have ended."""
    if not _running():
        return
    os.close(_SERVER._forkserver_alive_fd)
    until, ended = time.monotonic() + _PATIENCE, False
    while not ended and time.monotonic() < until:
        ended = os.waitpid(_SERVER._forkserver_pid, os.WNOHANG)[0] != 0
        time.sleep(0.0 if ended else 0.02)
    _SERVER._forkserver_address = _SERVER._forkserver_alive_fd = _SERVER._forkserver_pid = None
