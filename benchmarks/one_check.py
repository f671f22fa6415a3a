"""One file checked against the table of orders, nothing written: a process of its own.

    python -m benchmarks.one_check ADDRESS FILE

Prints JSON: the seconds and processor seconds of the check alone, without the start of the
interpreter, the upload and the detection; then what was found. TABLEPORT_HOME is the home.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.orders import TABLE
from core.usecases import connections, imports, local, profiles, uploads
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
            ws, who, upload_id=upload.file_id, table=TABLE, connection=connection
        )
        imports.validate_import(ws, who, job.job_id)
        seconds, cpu = time.perf_counter(), time.process_time()
        job = local.run_here(ws, job.job_id)
        seconds, cpu = time.perf_counter() - seconds, time.process_time() - cpu
        found = job.validation_results
        profile = profiles.read_profile(ws, who, job.job_id)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu,
                "status": job.status.value,
                "rows": found.get("totalRows"),
                "error_rows": found.get("errorRows"),
                "violations": found.get("errorCount"),
                "groups": len(found.get("groups", ())),
                "columns": len(profile.columns),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
