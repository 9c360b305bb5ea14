// The network's side of engine.js: answers its messages one after another, and lets go of those that are cancelled.

import { favourites, gateGradients, leaveOneOut, opened } from "./cells.js";
import { METHODS } from "./methods/registry.js";
import { bytes, loadNetwork } from "./network.js";
import { cropBox, cropped, load, Refusal, shown, toArray } from "./picture.js";
import { removal } from "./removal.js";
import { Cascade } from "./scrambling.js";
import { addsUp } from "./sensitivity.js";
import { ACTIVATIONS, Subject } from "./subject.js";

/** @import {Network, Source} from "./network.js" */
/** @import {Limits} from "./picture.js" */
/** @import {Pace} from "./subject.js" */
/** @import {Gate, Heat, Method, Question} from "./types.js" */

const KEPT = 8; // pictures
const FAVOURITES = 4; // photographs

/** What the page has told at the start, and what is kept. */
const known = {
    network: /** @type {Network} */ (/** @type {unknown} */ (undefined)),
    cells: /** @type {string[]} */ ([]),
    gates: /** @type {Gate[]} */ ([]),
    methods: /** @type {Method[]} */ ([]),
    threshold: /** @type {number | null} */ (null),
    limits: /** @type {Limits} */ ({}),
    gallery: /** @type {Source} */ (""),
    scrambling: /** @type {{stages: Source, shuffled: Source}} */ ({ stages: "", shuffled: "" }),
    cascade: /** @type {Cascade | null} */ (null),
    subjects: /** @type {Map<number, Subject>} */ (new Map()),
    favourites: /** @type {Map<string, number[][]>} */ (new Map()),
};

/** @type {Record<string, (question: any, pace: Pace) => Promise<any>>} */
const ANSWERS = {
    async start({ files, facts }, pace) {
        known.cells = facts.network.cells;
        known.gates = facts.gates;
        known.methods = facts.methods;
        known.threshold = facts.network.threshold;
        known.limits = facts.pictures;
        known.gallery = files.gallery;
        known.scrambling = files.scrambling;
        known.network = await loadNetwork(files, facts.network, pace);
    },

    async view({ number, picture, crop, kept }) {
        const { limits, network, threshold } = known;
        const pixels = await load(picture, limits);
        const box = cropBox(pixels.width, pixels.height, crop, limits.centralFraction);
        const seen = cropped(pixels, network.size, crop, limits.centralFraction);
        const subject = await new Subject(network, toArray(seen), known.cells).look();
        if (kept) keep(number, subject);
        const { features, logits, probabilities } = subject;
        const likeliest = probabilities?.reduce((a, b) => Math.max(a, b), 0) ?? 0;
        const whole = /** @type {[number, number, number, number]} */ (
            box.map((at, side) => (side < 2 ? Math.trunc(at) : Math.ceil(at)))
        );
        return {
            id: number,
            crop,
            region: await shown(pixels, limits.longest, whole),
            input: await shown(seen, network.size),
            box: box.map((at, side) => at / (side % 2 ? pixels.height : pixels.width)),
            features,
            logits,
            probabilities,
            unsure: threshold === null ? null : likeliest < threshold,
        };
    },

    explain: ({ id, question }, pace) => explain(id, question, pace),

    async film({ id, question }, pace) {
        /** @type {Heat[]} */
        const maps = [];
        for (const [i, cell] of known.cells.entries()) {
            await pace(i / known.cells.length);
            maps.push(await explain(id, { ...question, cell }, (share) => pace((i + share) / known.cells.length)));
        }
        return maps;
    },

    async scrambled({ id, question: { target, methods, cell }, stage }, pace) {
        const { image } = subject(id);
        const network = known.network.using(await weightsAt(stage));
        try {
            const forgetful = await new Subject(network, image, known.cells).look();
            /** @type {Record<string, Heat>} */
            const maps = {};
            for (const [i, method] of methods.entries()) {
                await pace(i / methods.length);
                const place = known.methods.find(({ name }) => name === method)?.cells ? cell : ACTIVATIONS;
                const within = (/** @type {number} */ share) => pace((i + share) / methods.length);
                maps[method] = await METHODS[method](forgetful, forgetful.target(target), place, within, photographs);
            }
            return maps;
        } finally {
            await network.close();
        }
    },

    open: ({ id, off, place }) => opened(subject(id), known.gates, off, place),

    leaveOneOut: ({ id }, pace) => leaveOneOut(subject(id), known.gates, pace),

    addsUp: ({ id, test }, pace) => addsUp(subject(id), test, pace),

    removal: ({ id, test }, pace) => removal(subject(id), test, pace),

    gateGradients: ({ id, target }) => gateGradients(subject(id), target),

    async favourites({ place, channel }, pace) {
        if (!known.favourites.has(place)) {
            const all = await photographs();
            const { network } = known;
            const length = network.size ** 2 * 3;
            const subjects = Array.from({ length: all.length / length }, (_, k) => {
                const image = toArray({ height: 0, width: 0, values: all.subarray(k * length, (k + 1) * length) });
                return new Subject(network, image, known.cells);
            });
            known.favourites.set(place, await favourites(subjects, known.gates, place, pace));
        }
        return known.favourites.get(place)?.[channel].slice(0, FAVOURITES);
    },
};

/**
 * @param {number} id
 * @param {Question} question
 * @param {Pace} pace
 */
async function explain(id, { target, versus, method = "Grad-CAM", cell = ACTIVATIONS }, pace) {
    const facts = known.methods.find(({ name }) => name === method);
    if (!facts) throw new Error(`no method "${method}"`);
    if (!known.cells.includes(cell)) throw new Error(`no cell "${cell}"`);
    if (cell !== ACTIVATIONS && !facts.cells) throw new Error(`${method} answers for the picture, not for a cell`);
    const asked = subject(id);
    return METHODS[method](asked, asked.target(target, versus), cell, pace, photographs);
}

/**
 * The weights with so many stages scrambled. A cascade only goes on: for an earlier stage it begins again.
 * @param {number} stage
 */
async function weightsAt(stage) {
    if (!known.cascade || known.cascade.done > stage) {
        const [stages, shuffled] = await Promise.all([known.scrambling.stages, known.scrambling.shuffled].map(bytes));
        known.cascade = new Cascade(known.network.weights, JSON.parse(new TextDecoder().decode(stages)), new Float32Array(shuffled));
    }
    while (known.cascade.done < stage) known.cascade.next();
    return known.cascade.weights;
}

/** @type {Promise<Uint8Array> | undefined} */
let fetched;

/** The example photographs as the network sees them, one after another. */
function photographs() {
    fetched ??= bytes(known.gallery).then((buffer) => new Uint8Array(buffer));
    fetched.catch(() => { fetched = undefined; }); // the next question tries again
    return fetched;
}

/** @param {number} id */
function subject(id) {
    const found = known.subjects.get(id);
    if (!found) throw new Error("this picture is no longer kept; show it again");
    keep(id, found); // it was asked for last
    return found;
}

/**
 * @param {number} id
 * @param {Subject} made
 */
function keep(id, made) {
    known.subjects.delete(id);
    known.subjects.set(id, made);
    const [oldest] = known.subjects.keys();
    if (known.subjects.size > KEPT) known.subjects.delete(oldest);
}

// Messages: a question has a number, `cancel` is the number of one to let go.

/** @type {Set<number>} */
const cancelled = new Set();
let queue = Promise.resolve();

onmessage = ({ data: asked }) => {
    if (asked.cancel) cancelled.add(asked.cancel);
    else queue = queue.then(() => answer(asked));
};

/** @param {any} asked */
async function answer(asked) {
    const { number, what } = asked;
    if (cancelled.delete(number)) return;
    /** @type {Pace} */
    const pace = async (share) => {
        postMessage({ number, progress: share });
        await turn();
        if (cancelled.has(number)) throw new Error("cancelled");
    };
    try {
        const answer = await ANSWERS[what](asked, pace);
        postMessage({ number, answer }, { transfer: bitmaps(answer) });
    } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        postMessage({ number, error: { message, picture: error instanceof Refusal } });
    }
    cancelled.delete(number);
}

/** @param {any} answer */
function bitmaps(answer) {
    return Object.values(answer ?? {}).filter((value) => value instanceof ImageBitmap);
}

const channel = new MessageChannel();

/**
 * Lets messages in that have come meanwhile.
 * @returns {Promise<void>}
 */
function turn() {
    return new Promise((resolve) => {
        channel.port1.onmessage = () => resolve();
        channel.port2.postMessage(null);
    });
}
