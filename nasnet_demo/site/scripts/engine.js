// What the page asks: a thin door to the worker that runs the network.
//
//   const engine = await Engine.start();                     // runtime and network are loaded once
//   const view = await engine.view(file);                    // a picture (Blob), its forward pass
//   const heat = await engine.explain(view, {method: "SmoothGrad"}, {progress, signal});
//   const strip = await engine.film(view, {method: "Grad-CAM"});          // a map of every cell, in data.network.cells' order
//   const opened = await engine.open(view, ["cell_0:1"], "cell_0");       // with parts off
//   const lost = await engine.leaveOneOut(view, {progress, signal});      // logits, a row for each operation
//   const estimate = await engine.gateGradients(view, 3);                 // d logit / d gate of a class
//
// Every answer is a promise; a picture that cannot be used rejects it with a PictureError, whose message is for the
// visitor. Questions are answered in turn; a slow one lets go between two batches, so that it can be cancelled.
// Everything else that the page needs is plain functions: `softmax` and `top` (answers.js), `normalise` and `paint`
// (colours.js), `npy` (npy.js), `nearest` (neighbours.js), `switched`, `select` and `places` (places.js), `asset`s and
// `data` (assets.js). The shapes of it all are in types.js.

import { assetSource, assetUrl, data, moduleSource } from "./assets.js";
import { keepForOffline } from "./offline.js";

/** @import {Heat, Opened, Patience, Question, View} from "./types.js" */

/** A picture that cannot be used; the message says why, in words for the visitor. */
export class PictureError extends Error {
    name = "PictureError";
}

export class Engine {
    /**
     * @param {Worker} worker
     */
    constructor(worker) {
        this.worker = worker;
        this.asked = 0;
        /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Error) => void, progress?: (share: number) => void}>} */
        this.waiting = new Map();
        worker.onmessage = ({ data: said }) => this.#hear(said);
        worker.onerror = (event) => this.#fail(event.message || "the network could not be started");
    }

    /**
     * An engine with runtime and network loaded. `progress` is told the share that is.
     * @param {Patience} [patience]
     * @returns {Promise<Engine>}
     */
    static async start(patience = {}) {
        const engine = new Engine(new Worker(assetUrl("network/worker.js")));
        const files = {
            module: await moduleSource("runtime/ort.mjs"),
            wasm: assetSource("runtime/ort.wasm"),
            weights: assetSource("network/weights.bin"),
            manifest: assetSource("network/weights.json"),
            gallery: assetSource("network/photographs.bin"),
            scrambling: {
                stages: assetSource("network/scrambling.json"),
                shuffled: assetSource("network/scrambling.bin"),
            },
            graphs: Object.fromEntries(GRAPHS.map((kind) => [kind, assetSource(`network/${kind}.onnx`)])),
        };
        const { network, gates, methods, pictures } = data();
        const facts = { network, gates, pictures, methods };
        await engine.#ask("start", { files, facts }, patience);
        keepForOffline(); // not before: it loads what is left
        return engine;
    }

    /**
     * A picture's forward pass: a file, or any bytes of a picture. Only of a view that is kept more can be asked.
     * @param {Blob} picture
     * @param {{crop?: "evaluation" | "whole", kept?: boolean}} [options]
     * @returns {Promise<View>}
     */
    view(picture, { crop = "evaluation", kept = true } = {}) {
        return this.#ask("view", { picture, crop, kept });
    }

    /**
     * A map: how much each position speaks for a class. Raises Error for a method that cannot explain the cell.
     * @param {View} view
     * @param {Question} [question]
     * @param {Patience} [patience]
     * @returns {Promise<Heat>}
     */
    explain(view, question = {}, patience = {}) {
        return this.#ask("explain", { id: view.id, question }, patience);
    }

    /**
     * The film strip: a map of every cell, in the order of data.network.cells, from one backward pass.
     * @param {View} view
     * @param {Question} [question] its cell is ignored, and its method must be one of cells
     * @param {Patience} [patience]
     * @returns {Promise<Heat[]>}
     */
    film(view, question = {}, patience = {}) {
        return this.#ask("film", { id: view.id, question }, patience);
    }

    /**
     * What becomes of a class as the picture is removed, what a map marks most first, and as it is put back: its probability
     * after each step of both ways. `ties` is a map that settles the order of equal values.
     * @param {View} view
     * @param {{target: number, heat: Heat, ties: Heat, baseline: "blur" | "mean", steps: number}} test
     * @param {Patience} [patience]
     * @returns {Promise<{deletion: number[], insertion: number[]}>}
     */
    removal(view, test, patience = {}) {
        return this.#ask("removal", { id: view.id, test }, patience);
    }

    /**
     * Whether maps' values add up to what the network loses without parts of the picture: for each, -1 to 1.
     * @param {View} view
     * @param {{target: number, heats: Heat[], baseline: "blur" | "mean"}} test
     * @param {Patience} [patience]
     * @returns {Promise<number[]>}
     */
    addsUp(view, test, patience = {}) {
        return this.#ask("addsUp", { id: view.id, test }, patience);
    }

    /**
     * Maps by method of a network that has forgotten: its last `stage` parts have random weights, the same ones each time.
     * @param {View} view
     * @param {{target: number, methods: string[], cell: string}} question
     * @param {number} stage from 1
     * @param {Patience} [patience]
     * @returns {Promise<Record<string, Heat>>}
     */
    scrambled(view, question, stage, patience = {}) {
        return this.#ask("scrambled", { id: view.id, question, stage }, patience);
    }

    /**
     * The network with parts off, and what the part at `place` gives (both as data.parts names places).
     * @param {View} view
     * @param {string[]} off
     * @param {string} place
     * @returns {Promise<Opened>}
     */
    open(view, off, place) {
        return this.#ask("open", { id: view.id, off, place });
    }

    /**
     * The logits as trained, then without each operation in turn: 1 + data.gates.length rows.
     * @param {View} view
     * @param {Patience} [patience]
     * @returns {Promise<Float32Array[]>}
     */
    leaveOneOut(view, patience = {}) {
        return this.#ask("leaveOneOut", { id: view.id }, patience);
    }

    /**
     * d logit / d gate of a class, one for each operation: the estimate of what `leaveOneOut` measures.
     * @param {View} view
     * @param {number} target
     * @returns {Promise<Float32Array>}
     */
    gateGradients(view, target) {
        return this.#ask("gateGradients", { id: view.id, target });
    }

    /**
     * The example photographs (by name) that excite a channel of the part at `place` most.
     * @param {string} place
     * @param {number} channel
     * @param {Patience} [patience]
     * @returns {Promise<string[]>}
     */
    async favourites(place, channel, patience = {}) {
        /** @type {number[]} */
        const found = await this.#ask("favourites", { place, channel }, patience);
        return found.map((index) => data().network.photographs[index]);
    }

    /**
     * @param {string} what
     * @param {object} question
     * @param {Patience} [patience]
     * @returns {Promise<any>}
     */
    #ask(what, question, { progress, signal } = {}) {
        signal?.throwIfAborted();
        const number = ++this.asked;
        return new Promise((resolve, reject) => {
            this.waiting.set(number, { resolve, reject, progress });
            signal?.addEventListener("abort", () => {
                this.worker.postMessage({ cancel: number });
                this.#settle(number)?.reject(signal.reason);
            });
            this.worker.postMessage({ number, what, ...question });
        });
    }

    /** @param {any} said */
    #hear({ number, progress, answer, error }) {
        if (progress !== undefined) return this.waiting.get(number)?.progress?.(progress);
        const waiting = this.#settle(number);
        if (!error) return waiting?.resolve(answer);
        waiting?.reject(error.picture ? new PictureError(error.message) : new Error(error.message));
    }

    /** @param {number} number */
    #settle(number) {
        const waiting = this.waiting.get(number);
        this.waiting.delete(number);
        return waiting;
    }

    /** @param {string} message */
    #fail(message) {
        for (const number of [...this.waiting.keys()]) this.#settle(number)?.reject(new Error(message));
    }
}

const GRAPHS = ["forward", "cells", "pixels", "guided", "gates", "open"];
