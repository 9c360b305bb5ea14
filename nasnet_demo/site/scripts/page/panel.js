// One of the tests of the tab "Can I trust it?": its button, how far it is, and its answer. As Panel of ui/trust.py.

import { every, one, piece, put } from "./elements.js";
import { CANCELLED, isAborted, isCancelled } from "./running.js";
import { OF_THE_PICTURE, whenever } from "./shown.js";

/** @import {Markup} from "./templates.js" */

/**
 * What a running test shows: how many of its parts are done, and the answer so far.
 * @typedef {{done: number, parts: string[], answer: Markup | null}} Step
 */
/** @typedef {(signal: AbortSignal, within: (share: number) => void) => AsyncGenerator<Step>} Job `within` is told the share of a part */

export class Panel {
    control = new AbortController();
    /** Whether a whole answer to the present question is on the page. */
    answered = false;

    /**
     * @param {string} name
     * @param {string} doing
     * @param {Job} job
     * @param {() => void} [shown] called when an answer has been put into the page
     */
    constructor(name, doing, job, shown = () => {}) {
        this.name = name;
        this.doing = doing;
        this.job = job;
        this.shown = shown;
        this.forgotten = () => {};
        one(`#${name}-run`).addEventListener("click", () => this.run());
        one(`#${name}-progress`).addEventListener("click", (event) => {
            if (/** @type {HTMLElement} */ (event.target).closest("button")) this.control.abort(new DOMException(CANCELLED, "AbortError"));
        });
        whenever([...OF_THE_PICTURE, "class"], () => this.forget());
    }

    /** The test. An earlier answer stays until a whole new one takes its place. */
    async run() {
        this.control.abort();
        this.control = new AbortController();
        const { signal } = this.control;
        const stands = this.answered;
        let answer = /** @type {Markup | null} */ (null);
        let bar = /** @type {HTMLProgressElement | null} */ (null);
        let before = 0;
        try {
            for await (const step of this.job(signal, (share) => { if (bar) bar.value = before + share; })) {
                signal.throwIfAborted();
                put(`#${this.name}-progress`, piece("trust", "progress", step.done, step.parts, this.doing));
                bar = document.querySelector(`#${this.name}-progress progress`);
                before = step.done;
                answer = step.answer ?? answer;
                if (step.answer && !stands) this.#show(step.answer);
            }
            if (stands && answer) this.#show(answer);
            this.answered = true;
        } catch (error) {
            if (isCancelled(error)) this.#say("said", stands ? "Cancelled. The earlier answer stays." : "Cancelled.");
            else if (!isAborted(error)) this.#say("message", error instanceof Error ? error.message : String(error));
        }
    }

    /** The question has changed: nothing goes on, and no answer stays. */
    forget() {
        this.control.abort();
        this.answered = false;
        put(`#${this.name}`);
        put(`#${this.name}-progress`);
        this.forgotten();
    }

    /** @param {Markup} answer */
    #show(answer) {
        const told = every(`#${this.name} .verdicts li`).length > 0;
        put(`#${this.name}`, answer);
        this.shown();
        const [verdict] = every(`#${this.name} .verdicts li`);
        if (verdict && !told) verdict.parentElement?.scrollIntoView({ block: "nearest" });
    }

    /**
     * @param {"said" | "message"} how
     * @param {string} text
     */
    #say(how, text) {
        put(`#${this.name}-progress`, piece(how === "said" ? "trust" : "look", how, text));
    }
}
