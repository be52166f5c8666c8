"""Ctrl-C, TERM and a closed terminal: noticed at safe points, so that no program is started and then forgotten."""

import signal

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_asked: list[int] = []


class Stop(Exception):
    """Somebody asked for the end; no error."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def listen() -> None:
    """From now on only remember the signals; a run under `nohup` goes on ignoring the closed terminal."""
    for number in NUMBERS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda received, _frame: _asked.append(received))


def check() -> None:
    """Stop here if somebody asked."""
    if _asked:
        raise Stop(_asked[0])
