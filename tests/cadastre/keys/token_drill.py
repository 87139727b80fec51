"""Works with a SoftHSM token in a process of its own (a process has one): ``python -m … DIRECTORY``, prints JSON."""

from __future__ import annotations

import json
import os
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from cadastre.extract.pki import KeyCabinet, rotate_jws, rotate_seal
from cadastre.kernel.clock import SystemClock
from cadastre.keys.softhsm import development_token
from cadastre.keys.token import TokenFailed, TokenKeeper, token_at
from tests.signing import seal_with


def fails(work) -> str:
    try:
        work()
    except TokenFailed as failure:
        return failure.code
    return "no failure"


def drill(directory: Path) -> dict[str, object]:
    """Make keys in the token, lose the session in several ways, rotate; tell what happened."""

    def keeping(folder: Path) -> TokenKeeper:
        return TokenKeeper(token_at(development_token(folder / "token")))

    cabinet = KeyCabinet(directory, now=datetime.now(UTC), keeping=keeping)
    keys = cabinet.current()
    token = keeping(directory).token
    said: dict[str, object] = {
        "files": sorted(path.name for path in directory.glob("*.key")),
        "locked": [token.is_locked_in("seal-1"), token.is_locked_in("jws-1")],
    }

    def sign() -> int:
        return len(keys.seal.key.sign(b"x")) + len(keys.jws_key.private.sign(b"x"))

    said["signs"] = sign()
    token._session.close()
    said["after the session was closed"] = sign()
    store, away = directory / "token/tokens", directory / "away"
    store.rename(away)
    said["without the token"] = [fails(sign), fails(sign)]
    away.rename(store)
    said["when it is back"] = sign()
    child = os.fork()
    if child == 0:
        os._exit(0 if sign() == 448 else 1)
    said["in a forked process"] = os.waitpid(child, 0)[1]
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(sign())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said["in threads"] = found
    printed = Path(sys.argv[2]).read_bytes()
    before = seal_with(keys, SystemClock()).seal(printed, at=datetime.now(UTC))
    rotate_seal(directory, keeping(directory), datetime.now(UTC))
    rotate_jws(directory, keeping(directory), SystemClock())
    after = seal_with(cabinet.current(), SystemClock()).seal(printed, at=datetime.now(UTC))
    said["old key"] = fails(lambda: keys.seal.key.sign(b"x"))
    Path(sys.argv[3]).write_bytes(before)
    Path(sys.argv[4]).write_bytes(after)
    right = (directory / "token/pin").read_text()
    (directory / "token/pin").write_text("0000")
    token.close()
    said["with a wrong PIN"] = [fails(lambda: cabinet.current().seal.key.sign(b"x")) for _ in range(12)]
    (directory / "token/pin").write_text(right)
    said["with the right PIN again"] = len(cabinet.current().seal.key.sign(b"x"))
    return said


if __name__ == "__main__":
    print(json.dumps(drill(Path(sys.argv[1]))))
