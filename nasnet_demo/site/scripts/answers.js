// From logits to answers, as nasnet_demo/numerics.py and model.py have them.

/** @import {Label, Prediction} from "./types.js" */

/**
 * Probabilities of logits.
 * @param {Float32Array} logits
 * @returns {Float32Array}
 */
export function softmax(logits) {
    const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const exponentials = logits.map((logit) => Math.exp(logit - highest));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    return exponentials.map((value) => value / sum);
}

/**
 * The likeliest classes, likeliest first.
 * @param {Float32Array} probabilities
 * @param {Label[]} labels
 * @param {number} [count]
 * @returns {Prediction[]}
 */
export function top(probabilities, labels, count = 5) {
    const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
    return order.slice(0, count).map((index) => ({
        index,
        name: labels[index].name,
        probability: probabilities[index],
    }));
}

/**
 * Index of the largest value; of equal ones the first.
 * @param {ArrayLike<number>} values
 * @returns {number}
 */
export function argmax(values) {
    let best = 0;
    for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
    return best;
}
