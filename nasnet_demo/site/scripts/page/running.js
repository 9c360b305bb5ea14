// The engine, started once, and what it is busy with.

import { Engine } from "../engine.js";
import { one, put } from "./elements.js";
import { Markup } from "./templates.js";

/** @import {Patience} from "../types.js" */

/** @type {Promise<Engine> | undefined} */
let started;

/**
 * The engine with the network loaded; what is loading is said in the page's head.
 * @returns {Promise<Engine>}
 */
export function engine() {
    if (!started) {
        const line = one("#engine");
        /** @param {number} share */
        const progress = (share) => { line.textContent = `The network is being loaded: ${Math.round(100 * share)}%`; };
        progress(0);
        started = Engine.start({ progress });
        started.then(
            () => { line.textContent = ""; },
            (error) => { line.textContent = `The network cannot run in this browser (${error.message}).`; },
        );
    }
    return started;
}

const UNNOTICED = 400; // milliseconds in which nothing is said

/**
 * A slow question: after a moment a line says how far it is, and a button gives it up, if it can be.
 * @template Answer
 * @param {string} selector where the line goes
 * @param {string} doing
 * @param {AbortController | null} control
 * @param {(patience: Patience) => Promise<Answer>} ask
 * @returns {Promise<Answer>}
 */
export async function patiently(selector, doing, control, ask) {
    let share = 0;
    let line = /** @type {HTMLElement | null} */ (null);
    const bar = document.createElement("progress");
    Object.assign(bar, { max: 1, ariaLabel: doing });
    const timer = setTimeout(() => {
        put(selector, new Markup(["<p role='status' class='job'></p>"]));
        line = one(`${selector} .job`);
        const button = Object.assign(document.createElement("button"), { type: "button", className: "cancel", textContent: "Cancel" });
        button.addEventListener("click", () => control?.abort(new DOMException(CANCELLED, "AbortError")));
        if (share) bar.value = share;
        line.append(bar, ` ${doing} … `, ...(control ? [button] : []));
    }, UNNOTICED);
    try {
        return await ask({ signal: control?.signal, progress: (done) => { bar.value = share = done; } });
    } finally {
        clearTimeout(timer);
        line?.remove();
    }
}

export const CANCELLED = "cancelled by the visitor";

/**
 * Whether the visitor has pressed Cancel, instead of asking something else.
 * @param {unknown} error
 */
export function isCancelled(error) {
    return error instanceof DOMException && error.message === CANCELLED;
}

/**
 * Whether a question was given up, by whomever.
 * @param {unknown} error
 */
export function isAborted(error) {
    return error instanceof DOMException && error.name === "AbortError";
}
