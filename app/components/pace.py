"""How fast a running job is, judged by what this visitor has seen of it.

A job's own start says little: it waits for a worker, opens files and counts in several phases.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from app.components.text import number, seconds
from core.model.job import Job

#: Less than this is too short to judge by.
SHORTEST = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A phase of a job when it was first looked at."""

    phase: tuple[object, ...]
    rows: int
    at: float  #: seconds of a clock that only goes forward


def pace(job: Job) -> str:
    """`24 000 rows/s · 12 s left`, as far as it can be told; else an empty string."""
    if not job.running:
        return ""
    now = time.monotonic()
    # A check and a run of the same job both go through every row.
    phase = (job.task, job.attempt, job.phase)
    key = f"pace:{job.job_id}"
    first: Seen | None = st.session_state.get(key)
    if first is None or first.phase != phase or first.rows > job.processed_rows:
        st.session_state[key] = Seen(phase=phase, rows=job.processed_rows, at=now)
        return ""
    return in_words(job, first, now)


def in_words(job: Job, first: Seen, now: float) -> str:
    """The pace since `first`."""
    done, spent = job.processed_rows - first.rows, now - first.at
    if done <= 0 or spent < SHORTEST:
        return ""
    rate = done / spent
    words = f"{number(round(rate))} rows/s"
    if job.total_rows and job.total_rows > job.processed_rows:
        words += f" · {seconds((job.total_rows - job.processed_rows) / rate)} left"
    return words
