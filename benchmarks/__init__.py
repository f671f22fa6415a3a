"""What Tableport costs in time and memory, measured beside what cannot be avoided.

    __main__        the runner: python -m benchmarks [NAME …]
    benchmark       what a benchmark is given and what it gives back
    loading         import and export by the command line, against the databases' own shells
    pipeline        the pipeline alone, against the shells and an upsert by SQLAlchemy
    one_pipeline    one file brought in by the pipeline, in a process of its own
    one_upsert      the same by SQLAlchemy
    warm            an import job in a worker that is warm, against the shells
    one_warm        the job, in a process of its own
    phases          where the time of one import and one export goes
    stopwatch       the process that tells phases
    pollock         how well messy CSV files are read
    formats         files read and written alone
    one_format      one file read or written once, in a process of its own
    upload_memory   the server's memory while a large file goes up and comes down
    faults          workers killed at random moments of imports: python -m benchmarks.faults
    forked_workers  … those workers
    orders          the table and the file they work on, and what makes two of them equal
    command         the command line as it is measured
    targets         a SQLite file and a PostgreSQL server to load into
    measuring       a whole command's time, processor time and memory
    machine         what it ran on, and how busy that was
    report          results as text, Markdown and JSON

A time on a shared machine means little: every time stands beside a baseline of the same round, or
beside the machine's load. A benchmark that finds a wrong result fails.
"""
