"""What the page remembers of its visitors, and for how long."""

import time

import gradio as gr
from gradio.state_holder import SessionState, StateHolder

from nasnet_demo.serving import memory

MOST = 500  # visitors at once; then who was away longest is forgotten
AWAY = 600  # seconds after a visitor has left; a laptop that is closed for a moment finds its answers again
BUSY = 20  # seconds after which memory is given back, too, while nobody leaves
IDLE = 3600  # seconds without a question


class Sessions(StateHolder):
    """Gradio's memory of visitors, which would keep all of it for an hour, and a part of it for ever."""

    def __init__(self, blocks: gr.Blocks) -> None:
        super().__init__()
        self.set_blocks(blocks)
        self.capacity = MOST
        self.used: dict[str, float] = {}  # when, by a clock that nobody sets
        self.left: dict[str, float] = {}
        self.given_back = time.monotonic()

    def __getitem__(self, session_id: str) -> SessionState:
        self.used[session_id] = time.monotonic()
        session = super().__getitem__(session_id)
        session.is_closed = False  # the connection was lost, and the visitor is back
        return session

    def delete_all_expired_state(self) -> None:
        """Forget who has left, or has asked nothing for long. Gradio calls this every second."""
        now = time.monotonic()
        for session_id, session in list(self.session_data.items()):
            if not session.is_closed:
                self.left.pop(session_id, None)
            else:
                self.left.setdefault(session_id, now)
        gone = {session_id for session_id, left in self.left.items() if now - left >= AWAY}
        gone |= {session_id for session_id, used in self.used.items() if now - used >= IDLE}
        for session_id in gone:
            self.forget(session_id)
        if gone or now - self.given_back >= BUSY:
            memory.give_back()
            self.given_back = now
        for times in (self.used, self.left):
            for session_id in times.keys() - self.session_data.keys():
                times.pop(session_id, None)

    def forget(self, session_id: str) -> None:
        """Keep nothing of a visitor."""
        self.delete_state(session_id)
        with self.lock:
            self.session_data.pop(session_id, None)
            self.time_last_used.pop(session_id, None)
