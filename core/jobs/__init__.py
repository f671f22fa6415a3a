"""The worker: it claims jobs, carries them out, and is watched while it does.

    lease         one job held by one worker: beat, cancel, fence
    handler       what a handler is given and gives back
    worker        claim, carry out, finish; also one job for the command line
    housekeeping  what is done every so often between jobs
    supervisor    start and watch a worker process
    signals       when to stop

The SQL of the queue is in `core.metastore.queue`. Handlers are given from above.
"""
