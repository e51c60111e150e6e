"""A worker process that appends until it is killed, and says each number once the store has it.

`python -m tests.store.appender URL STREAM [section]`: with `section` everything happens inside one open section.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from itertools import count

from mockserver.core.records import Held
from mockserver.store import open_store


def main(url: str, stream: str, section: str = "") -> None:
    store = open_store(url)
    with store.exclusively("default") if section else nullcontext():
        for number in count():
            store.append("default", stream, Held(number))
            print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
