"""Keeps what was promised: signs a head soon after it, and promises nothing while none can be signed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from cadastre.kernel.clock import Clock
from cadastre.kernel.errors import CadastreError, Unavailable
from cadastre.ledger.promise import make_promises
from cadastre.services.ledger_checkpoint import CheckpointDesk

KEPT_AFTER_S = 2.0

_log = logging.getLogger("cadastre.ledger")


class PromiseDesk:
    """Promises leaves of one process, and sees to it that they are entered within the term.

    A head is signed when the first is promised, and ``kept_after_s`` after each; while that fails nothing
    more is issued.
    """

    def __init__(
        self, checkpoints: CheckpointDesk, clock: Clock, *, kept_after_s: float = KEPT_AFTER_S
    ) -> None:
        self._checkpoints = checkpoints
        self._clock = clock
        self._kept_after_s = kept_after_s
        self._gate = threading.Lock()
        self._keeping = threading.Lock()
        self._has_begun = False
        self._failure: CadastreError | None = None
        self._timer: threading.Timer | None = None
        self._closed = False

    def require_kept(self) -> None:
        """Refuse while what was promised cannot be kept.

        Raises
        ------
        Unavailable
            No head of the log could be signed when it was tried last.
        """
        if not self._has_begun:
            with self._keeping:
                if not self._has_begun:
                    self._checkpoints.sign()
                    self._has_begun = True
        if self._failure is not None:
            raise Unavailable(self._failure.message, code=self._failure.code)

    def promise(self, leaves: Sequence[tuple[str, bytes]]) -> list[str]:
        """Promise leaves that are committed, given by payload and salt; they will be entered in time."""
        texts = make_promises(
            leaves,
            origin=self._checkpoints.origin,
            signer=self._checkpoints.keys.signer,
            now=self._clock.now(),
        )
        self._keep_soon()
        return texts

    def close(self) -> None:
        """Keep what was promised last, and end."""
        with self._gate:
            self._closed = True
            waiting, self._timer = self._timer, None
        if waiting is not None:
            waiting.cancel()
            self._keep()
        with self._keeping:  # what is being kept is kept to its end
            return

    def _keep_soon(self) -> None:
        with self._gate:
            if self._timer is None and not self._closed:
                self._timer = threading.Timer(self._kept_after_s, self._keep)
                self._timer.daemon = True
                self._timer.start()

    def _keep(self) -> None:
        """Sign a head that covers what was promised until now; what fails is tried again soon."""
        with self._keeping:
            with self._gate:
                self._timer = None
            try:
                self._checkpoints.sign()
                self._failure = None
            except CadastreError as error:
                self._failure = error
                _log.warning("promises are not kept yet", extra={"facts": {"code": error.code}})
        if self._failure is not None:
            self._keep_soon()


__all__ = ["PromiseDesk"]
