"""`costmodel collect --cluster ADDRESS`: the same tasks on a Dask cluster (the `cluster` extra).

The scheduler gives a lost worker's tasks to others; the journal here counts each task once, whoever finished it. Workers need this
package, the collector's, and what the collector measures with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from costmodel.collect import Executor, Finished, run_task
from costmodel.collector import Task
from costmodel.refusals import RequestError


def on_cluster(address: str, patience: float = 30.0) -> Executor:
    """Tasks on the cluster whose scheduler listens at an address; `patience` seconds to reach it."""
    try:
        import distributed
    except ImportError:
        raise RequestError("--cluster needs Dask: pip install 'splitwood[cluster]'") from None
    dask = cast(Any, distributed)

    def execute(where: str, tasks: Sequence[Task]) -> Iterator[Finished]:
        try:
            client = dask.Client(address, timeout=patience)
        except (OSError, ValueError) as error:
            raise RequestError(f"no Dask scheduler answers at {address}: {error}") from None
        with client:
            futures = [
                client.submit(
                    run_task, where, task.key, dict(task.spec), pure=False, retries=2, key=f"collect-{at}-{task.key}"
                )
                for at, task in enumerate(tasks)
            ]
            for future, result in dask.as_completed(futures, with_results=True, raise_errors=False):
                if future.status == "error":
                    raise RequestError(f"the cluster gave up on a task: {future.exception()}")
                yield cast(Finished, result)
                future.release()

    return execute
