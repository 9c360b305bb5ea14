// The shapes of what the page and the engine say to each other. Types only: nothing here runs.

/**
 * A map, or any picture of numbers: rows from top to bottom, each from left to right. It has the sign that it has and is
 * not normalised.
 * @typedef {{height: number, width: number, values: Float32Array}} Heat
 */

/**
 * One picture and its forward pass. What else is asked of it is asked by `id`; the worker keeps the last eight.
 * @typedef {object} View
 * @property {number} id
 * @property {"evaluation" | "whole"} crop
 * @property {ImageBitmap} region the part of the upright picture that the network saw, at most 1536 pixels on the long side, for showing
 * @property {ImageBitmap} input what the network saw, at its own size
 * @property {[number, number, number, number]} box left, top, right and bottom of the region, as shares of the picture
 * @property {Float32Array} features the feature vector
 * @property {Float32Array} logits one a class; empty for a network without classes
 * @property {Float32Array} probabilities their softmax
 * @property {boolean | null} unsure whether no class fits well, by the card's threshold; null if it has none
 */

/**
 * What a map is asked: a class (by index), by default the likeliest, rather than another one, by a method, at a cell.
 * @typedef {object} Question
 * @property {number} [target]
 * @property {number} [versus]
 * @property {string} [method] one of data.methods, by default "Grad-CAM"
 * @property {string} [cell] one of data.network.cells, by default the last, "activations"
 */

/**
 * What every slow question takes too. `progress` is called with the share that is done, from 0 to 1; an aborted signal
 * rejects the promise with its AbortError within a pass or two.
 * @typedef {{progress?: (share: number) => void, signal?: AbortSignal}} Patience
 */

/**
 * A network with parts switched off, and what one of its parts gives.
 * @typedef {object} Opened
 * @property {Float32Array} logits
 * @property {Float32Array} probabilities
 * @property {Record<string, Heat>} energies of every cell by name: the root of the channels' mean square
 * @property {Part} part
 */

/**
 * What a cell, a block or an operation gives. If it is off, what it gave before.
 * @typedef {object} Part
 * @property {boolean} off
 * @property {number} channels how many it has
 * @property {Heat} mean where all channels together are active
 * @property {Heat} max where any channel is active
 * @property {{channel: number, heat: Heat}[]} strongest the channels with the largest mean square, strongest first
 */

/**
 * A pixel picture: RGB, eight bits each, rows from the top.
 * @typedef {{height: number, width: number, values: Uint8Array}} Pixels
 */

/** @typedef {{wnid: string, name: string, others: string[]}} Label */
/** @typedef {{index: number, name: string, probability: number}} Prediction */
/** @typedef {{name: string, tells: string, cannotTell: string, paper: string, checked: string, cells: boolean, signed: boolean, gradients: boolean}} Method */
/** @typedef {{name: string, title: string, kind: string, height: number, width: number, channels: number, parameters: number, macs: number, operations: string}} Cell */
/** @typedef {{cell: string, block: number, side: "left" | "right", operation: string, input: number, place: string}} Gate */

/**
 * An example photograph, with what the network says of it. `map` is Grad-CAM's for the likeliest class.
 * @typedef {object} Example
 * @property {string} name as links have it
 * @property {string} file asset path of the photograph
 * @property {string} small asset path of its thumbnail
 * @property {number} width
 * @property {number} height
 * @property {string} title
 * @property {string | null} wnid
 * @property {string} author
 * @property {string} source an address
 * @property {string} licence
 * @property {boolean} two whether it shows two things which ImageNet has classes for
 * @property {string} group one of data.groups
 * @property {Prediction[]} top
 * @property {boolean | null} unsure
 * @property {{height: number, width: number, values: number[]}} map
 */

/**
 * What the page says and shows, embedded in it (`data()` of assets.js).
 * @typedef {object} Data
 * @property {string} version
 * @property {{name: string, sha256: string, imageSize: number, classes: number, cells: string[], photographs: string[], threshold: number | null}} network `photographs`: the examples' names in the order of network/photographs.bin
 * @property {Label[]} labels in the order of the logits
 * @property {string[]} groups of the examples, in order
 * @property {Example[]} examples
 * @property {Method[]} methods
 * @property {Cell[]} cells from the first to the last; `activations` is not among them
 * @property {Gate[]} gates every operation, in the order in which the network computes them
 * @property {Record<string, string>} parts the name of every place (CELL[:BLOCK[:SIDE]]), in the network's order
 * @property {{plain: string, signed: string}} colours base64 of 256 x 3 bytes each
 * @property {Record<string, any>} card
 * @property {string} features base64 of a float16 vector an example: `exampleFeatures` of assets.js
 * @property {Record<string, {name: string, url: string}>} licences
 * @property {Record<string, {name: string, id: string}>} controls what the page's controls are called, as lessons name them
 * @property {Record<string, {name: string, id: string}>} tabs
 * @property {Record<string, any>[]} lessons filled in for this network
 * @property {Record<string, string>} values what a value is, by method; "" for the others
 * @property {Record<string, any>} pictures limits and words of refusal
 */

export {};
