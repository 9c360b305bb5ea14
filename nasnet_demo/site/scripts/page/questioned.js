// What the tests of the tab "Can I trust it?" are about.

import { methodOf } from "./facts.js";
import { classesInQuestion } from "./look.js";
import { engine } from "./running.js";
import { seen, whenSeen } from "./seen.js";
import { shown } from "./shown.js";

/** @import {View} from "../types.js" */

/** Those who wait until the network has looked. @type {Set<() => void>} */
const waiters = new Set();

/** To be called once. */
export function startQuestions() {
    whenSeen((now) => { if (!now || now.view) for (const go of waiters) go(); });
}

/**
 * The picture, once the network has looked at it, the class in question and the chosen maps. Rejects with an Error, whose
 * message is for the visitor.
 * @param {AbortSignal} signal
 * @returns {Promise<{view: View, target: number, methods: string[]}>}
 */
export async function question(signal) {
    const methods = shown.tests.split(",").filter(Boolean);
    if (!methods.length) throw new Error("Please choose at least one map to test.");
    if (seen && !seen.view) await Promise.all([engine(), looked(signal)]); // without an engine, nobody ever looks
    if (!seen?.view) throw new Error("Please choose a picture above.");
    return { view: seen.view, target: classesInQuestion(seen).target, methods };
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function looked(signal) {
    return new Promise((resolve, reject) => {
        const go = () => { waiters.delete(go); resolve(); };
        waiters.add(go);
        signal.addEventListener("abort", () => { waiters.delete(go); reject(signal.reason); });
    });
}

/**
 * The cell that a method is to explain, if it answers for cells.
 * @param {string} method
 * @param {string} cell
 * @returns {string | undefined}
 */
export function cellFor(method, cell) {
    return methodOf(method).cells ? cell : undefined;
}
