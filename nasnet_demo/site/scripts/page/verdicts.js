// How a map did when what it marks was removed: nasnet_demo/checks/verdict.py in the browser.

import { facts } from "./facts.js";
import { isEmpty } from "./map.js";
import { worded } from "./phrases.js";

/** @import {Heat} from "../types.js" */

/** @typedef {{deletion: number[], insertion: number[]}} Curves the class's probability along both ways */
/** @typedef {{name: string, heat: Heat, score: Curves, controls: Curves[]}} Trial a method's map, and random maps of its shape */
/** @typedef {"deletion" | "insertion"} Way */

export const WAYS = /** @type {Way[]} */ (["deletion", "insertion"]);
/** The average over the way from 0 to 1, by the trapezoidal rule. @param {number[]} values */
export function areaOf(values) {
    return values.reduce((sum, value, k) => sum + (k ? (value + values[k - 1]) / 2 : 0), 0) / (values.length - 1);
}

/** @param {Curves} score */
function gainOf(score) {
    return areaOf(score.insertion) - areaOf(score.deletion);
}

/**
 * A map against the random maps along a way.
 * @param {Trial} trial
 * @param {Way} way
 */
export function compareWay({ score, controls }, way) {
    const area = areaOf(score[way]);
    const areas = controls.map((control) => areaOf(control[way]));
    const random = areas.reduce((a, b) => a + b, 0) / areas.length;
    const spread = Math.sqrt(areas.reduce((sum, other) => sum + (other - random) ** 2, 0) / (areas.length - 1));
    return { area, random, spread, beaten: areas.filter((other) => (way === "deletion" ? other > area : other < area)).length, of: areas.length };
}

/**
 * What a test ends with, and in a sentence that needs no numbers.
 * @param {Trial} trial
 */
export function verdictOf(trial) {
    const { name, controls } = trial;
    const own = gainOf(trial.score);
    const others = controls.map(gainOf);
    const of = controls.length;
    const better = others.filter((other) => other >= own).length;
    const end = isEmpty(trial.heat) ? "nothing to test" : own > Math.max(...others) ? "passed" : own < Math.min(...others) ? "failed" : "no better than luck";
    const { marks, words } = facts().trust;
    return { name, end, mark: marks[end], words: worded(words.OUTCOME_WORDS[end], { name, of, better }) + (end === "nothing to test" ? "" : doubt(trial)) };
}

/**
 * Whether to trust a map, in numbers.
 * @param {Trial} trial
 */
export function inNumbers(trial) {
    const { name } = trial;
    const { words } = facts().trust;
    if (isEmpty(trial.heat)) return worded(words.NOTHING_TO_TEST, { name });
    const [gone, back] = WAYS.map((way) => compareWay(trial, way));
    const [faster, slower, noFaster] = words.PACES;
    const pace = (/** @type {typeof gone} */ { beaten, of }) => (beaten === of ? faster : beaten ? noFaster : slower);
    const values = Object.entries({ gone, back }).flatMap(([way, one]) => Object.entries(one).map(([key, value]) => [`${way}_${key}`, value]));
    return worded(words.NUMBERS, { name, gone: pace(gone), back: pace(back), ...Object.fromEntries(values) }) + doubt(trial);
}

/** @param {Trial} trial */
function doubt({ score }) {
    const { little, words } = facts().trust;
    const [start] = score.deletion;
    return start < little ? worded(words.DOUBT, { start }) : "";
}

/** The value in the middle, step by step. @param {number[][]} curves */
function medianOf(curves) {
    return curves[0].map((_, k) => {
        const sorted = curves.map((curve) => curve[k]).sort((a, b) => a - b);
        const middle = (sorted.length - 1) / 2;
        return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
    });
}

/**
 * Which random map stands for all of them along a way: its curve stays closest to the median of their curves.
 * @param {Curves[]} controls
 * @param {Way} way
 */
export function typical(controls, way) {
    const curves = controls.map((control) => control[way]);
    const median = medianOf(curves);
    const apart = curves.map((curve) => curve.reduce((sum, value, k) => sum + Math.abs(value - median[k]), 0));
    return apart.indexOf(Math.min(...apart));
}

/**
 * The step at which the maps, taken together, are furthest from their random maps.
 * @param {Trial[]} trials
 */
export function widest(trials) {
    const leads = trials.flatMap((trial) => WAYS.map((way) => {
        const median = medianOf(trial.controls.map((control) => control[way]));
        return trial.score[way].map((value, k) => (way === "deletion" ? -1 : 1) * (value - median[k]));
    }));
    const mean = leads[0].map((_, k) => Math.abs(leads.reduce((sum, lead) => sum + lead[k], 0)));
    return mean.indexOf(Math.max(...mean));
}
