"""When a worker process is to stop."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType


def stop_signal(*, with_parent: bool = False) -> Callable[[], bool]:
    """Catch SIGTERM and SIGINT; returns what says whether one has come.

    With `with_parent` also true once the process that started this one is gone, even by
    kill -9, so that no worker outlives its server unseen. Call it in the main thread.
    """
    asked = threading.Event()
    parent = os.getppid()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)

    def stopped() -> bool:
        return asked.is_set() or (with_parent and os.getppid() != parent)

    return stopped
