"""A worker process that appends until it is killed, and says each number once the store has it.

`python -m tests.store.appender URL STREAM [transaction]`: with `transaction` all of it inside one that stays open.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from itertools import count

from mockserver.core.records import Held
from mockserver.store import open_store


def main(url: str, stream: str, transaction: str = "") -> None:
    store = open_store(url)
    with store.records.transaction() if transaction else nullcontext():
        for number in count():
            store.records.append("default", stream, Held(number))
            print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
