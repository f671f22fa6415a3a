"""One import job in a worker that is warm: a process of its own.

    python -m benchmarks.one_warm ADDRESS FILE

The file is uploaded and checked first, as a person would, which loads all the programs there are.
Prints JSON: the seconds and processor seconds of the import alone. TABLEPORT_HOME is the home.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.orders import TABLE
from core.model.plan import OnErrors
from core.usecases import connections, imports, local, uploads
from core.workspace import open_workspace

_PIECE = 1 << 20


def main(arguments: list[str]) -> None:
    address, name = arguments
    who = local.local_identity()
    with open_workspace() as ws, Path(name).open("rb") as file:
        connection = connections.connection_for(ws, who, address)
        pieces = iter(lambda: file.read(_PIECE), b"")
        upload = uploads.receive_upload(ws, who, pieces, filename=Path(name).name)
        job = imports.draft_import(
            ws, who, upload_id=upload.file_id, table=TABLE, connection=connection,
            options={"undo": False},
        )  # fmt: skip
        imports.validate_import(ws, who, job.job_id)
        local.run_here(ws, job.job_id)
        imports.start_import(ws, who, job.job_id, on_errors=OnErrors.STOP)
        seconds, cpu = time.perf_counter(), time.process_time()
        job = local.run_here(ws, job.job_id)
        seconds, cpu = time.perf_counter() - seconds, time.process_time() - cpu
    counts = {"status": job.status.value, "inserted": job.counts.inserted}
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu} | counts))


if __name__ == "__main__":
    main(sys.argv[1:])
