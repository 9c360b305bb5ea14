"""The line of questions: visitors take turns, a visitor's answers come in order, and a line that is full says so."""

from collections import Counter, defaultdict
from functools import cache
from typing import Any

import gradio as gr
from gradio.block_function import BlockFunction
from gradio.queueing import Event, EventQueue, Queue

MOST = 100  # questions that wait
MOST_EACH = 20  # of one visitor
FULL = "{} questions are waiting at this server, and there is no room for more: please try again in a moment."
TOO_MANY = "{} of your questions are waiting already: please wait for their answers."


class Turns(Queue):
    """Gradio's queue, except that whoever has fewer questions waiting comes first (round-robin by session), and that a
    question waits while an earlier one of the same visitor that changes some of the same components is unanswered: the
    older answer might come last, and stay.

    A school's pupils, or a proxy's visitors, have one address between them: so turns never go by that.
    """

    @classmethod
    def of(cls, blocks: gr.Blocks) -> "Turns":
        """In the place of a page's queue, as that is set up."""
        plain = blocks._queue
        return cls(
            plain.live_updates,
            plain.max_thread_count,
            plain.update_intervals,
            plain.max_size,
            blocks,
            plain.default_concurrency_limit,
        )

    async def push(self, body: Any, request: Any, username: str | None) -> Any:
        """Let a question wait, or say in words why it may not."""
        # Not as "queue_full": for that, the page has words of its own, without a number.
        if self.max_size is not None and len(self) >= self.max_size:
            return False, FULL.format(len(self)), "error"
        lines = self.event_queue_per_concurrency_id.values()
        own = sum(event.session_hash == body.session_hash for line in lines for event in line.queue)
        if own >= MOST_EACH:
            return False, TOO_MANY.format(own), "error"
        answer = await super().push(body, request, username)
        for line in lines:
            self._take_turns(line)
        return answer

    def get_events(self) -> tuple[list[Event], bool, str] | None:
        """What is to be answered next. It is taken out of its line."""
        lines = {line: list(line.queue) for line in self.event_queue_per_concurrency_id.values()}
        held = self._held()
        taken: list[Event] = []
        for line in lines:
            line.queue[:] = [event for event in line.queue if event not in held]
        try:
            found = super().get_events()
            taken = found[0] if found else []
        finally:
            for line, events in lines.items():
                line.queue[:] = [event for event in events if event not in taken]
        return found

    def _held(self) -> set[Event]:
        """The questions that wait for an earlier one."""
        running = self._running()
        waiting = [event for line in self.event_queue_per_concurrency_id.values() for event in line.queue]
        changed: defaultdict[str, frozenset[int]] = defaultdict(frozenset)  # components by visitor
        held = set()
        for event in sorted([*running, *waiting], key=lambda event: event.enqueue_time):
            before, changes = changed[event.session_hash], _changes(event.fn)
            if event not in running and not before.isdisjoint(changes):
                held.add(event)
            changed[event.session_hash] = before | changes
        return held

    def _running(self) -> list[Event]:
        return [event for job in self.active_jobs if job for event in job]

    def _take_turns(self, line: EventQueue) -> None:
        """Everybody's first question before anybody's second; among equals, in the order in which they came."""
        before = Counter(event.session_hash for event in self._running() if event.concurrency_id == line.concurrency_id)
        turn: dict[str, int] = {}
        for event in line.queue:
            turn[event._id] = before[event.session_hash]
            before[event.session_hash] += 1
        line.queue.sort(key=lambda event: turn[event._id])


@cache  # the queue asks again and again
def _changes(fn: BlockFunction) -> frozenset[int]:
    """The components that an answer changes. What programs ask for changes no page."""
    return frozenset() if fn.api_visibility == "public" else frozenset(component._id for component in fn.outputs)
