"""When a worker process is to stop."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType


def stop_signal(*, parent: int | None = None) -> Callable[[], bool]:
    """Catch SIGTERM and SIGINT; returns what says whether one has come.

    With `parent` also true once that process, which started this one, is gone, even by
    kill -9, so that no worker outlives its server unseen. Its id has to be given: a server
    that dies while its worker starts is no longer there to be asked. Call it in the main thread.
    """
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)

    def stopped() -> bool:
        return asked.is_set() or (parent is not None and os.getppid() != parent)

    return stopped
