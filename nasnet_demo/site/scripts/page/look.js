// The first tab: the likeliest classes of a picture, and where the network looked for the one in question.

import { data } from "../assets.js";
import { canvas, every, field, one, piece, put, saveFile, tell } from "./elements.js";
import { facts, findClass, methodOf, Refusal, WHOLE_NETWORK } from "./facts.js";
import { figure } from "./figure.js";
import { askedView, caption, fileName, filmView, mapView } from "./map.js";
import { percent } from "./numbers.js";
import { engine, isAborted, isCancelled, patiently } from "./running.js";
import { likeliest, seen, whenSeen } from "./seen.js";
import { build } from "./templates.js";
import { hasClasses, OF_THE_PICTURE, show, shown, whenever } from "./shown.js";

/** @import {Heat, Question} from "../types.js" */
/** @import {Caption} from "./map.js" */
/** @import {Seen} from "./seen.js" */

const ABOUT_THE_MAP = /** @type {const} */ (["class", "versus", "method", "cell", "same"]);

/** What a map was asked and is; kept for saving it. @type {{seen: Seen, caption: Caption, heat: Heat} | null} */
let drawn = null;
/** What was shown before a slow question that may be given up. @type {Partial<import("./shown.js").Shown>} */
let answered = {};
let questioned = new AbortController();
/** Whether what was shown before is being put back, and nothing is to be asked. */
let restoring = false;
/** The picture that the map on the page is about. */
let mapped = `${facts().opening} ${facts().crops[0]}`;

export function startLook() {
    whenSeen(met);
    whenever(OF_THE_PICTURE, () => questioned.abort());
    whenever([...ABOUT_THE_MAP], (changed) => {
        tell();
        followControls();
        if (!restoring && !changed.some((name) => OF_THE_PICTURE.includes(name))) answerQuestion();
    });
    whenever(["crop"], followControls);
    one("#bars").addEventListener("change", (event) => show({ class: valueOf(event) }));
    one("#strip").addEventListener("change", (event) => show({ cell: valueOf(event), method: stripMethod(shown.method) }));
    for (const list of every("#method, .asked-method")) list.addEventListener("change", (event) => show({ method: valueOf(event) }));
    for (const box of every("#any-class input, .asked-class")) box.addEventListener("change", (event) => chooseClass("class", valueOf(event)));
    one("#versus").addEventListener("change", (event) => chooseClass("versus", valueOf(event)));
    one("#same-scale input").addEventListener("change", () => show({ same: field("#same-scale input").checked }));
    one("#crop").addEventListener("change", (event) => show({ crop: valueOf(event), class: "", versus: "" }));
    one("#opacity input").addEventListener("input", (event) => document.body.style.setProperty("--opacity", valueOf(event)));
    one("#save").addEventListener("click", saveMap);
    followControls();
    if (!hasClasses()) for (const element of every("#any-class, #ask, #where, #map-tools, #strip, .question")) element.hidden = true;
}

/**
 * Index of the class in question, and of the one to compare it with.
 * @param {Seen} now
 * @returns {{target: number, versus: number | undefined}}
 */
export function classesInQuestion(now) {
    return { target: shown.class ? findClass(shown.class) : now.best[0].index, versus: shown.versus ? findClass(shown.versus) : undefined };
}

/** @param {Event} event */
function valueOf(event) {
    return /** @type {HTMLInputElement} */ (event.target).value;
}

/**
 * A class that was typed, in any of its names; none is the likeliest, or no other one.
 * @param {"class" | "versus"} name
 * @param {string} text
 */
function chooseClass(name, text) {
    try {
        const found = text.trim() ? data().labels[findClass(text)].name : "";
        tell();
        show({ [name]: found });
        followControls();
    } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        tell(error.message);
    }
}

/** The controls hold what is shown. */
function followControls() {
    const name = shown.class || likeliest();
    for (const box of every("#any-class input, .asked-class")) /** @type {HTMLInputElement} */ (box).value = name;
    for (const list of every("#method, .asked-method")) /** @type {HTMLInputElement} */ (list).value = shown.method;
    field("#versus").value = shown.versus;
    field("#same-scale input").checked = shown.same;
    for (const choice of every("#crop input")) /** @type {HTMLInputElement} */ (choice).checked = field(`#crop input[value="${shown.crop}"]`) === choice;
    one("#about-method").innerHTML = facts().describe[shown.method]; // ours, from page.py
}

/**
 * Another picture, or what the network itself says of it.
 * @param {Seen | null} now
 */
function met(now) {
    if (!now) return showNothing();
    if (one("#answer-style").firstChild) one("#answer-style").replaceChildren();
    if (now.picture !== mapped) clearMap();
    const region = `url("${now.url}")`;
    const root = document.documentElement.style;
    if (root.getPropertyValue("--region") !== region) root.setProperty("--region", region);
    followControls();
    const { imageSize } = data().network;
    const input = canvas(imageSize, imageSize, (context) => context.drawImage(now.view?.input ?? now.region, 0, 0, imageSize, imageSize));
    put("#crop-seen", piece("look", "crop", input.toDataURL(), imageSize, imageSize));
    if (!hasClasses()) return put("#hint", piece("look", "hint", facts().noClasses));
    put("#hint", now.unsure ? piece("look", "not_sure", facts().notSure) : null);
    answerQuestion();
}

/** The map and the film strip of the picture before are not shown over this one. */
function clearMap() {
    for (const layer of every(".map .heat, .asked .heat")) layer.remove();
    for (const words of every("#map figcaption")) words.replaceChildren(); // visit.js keeps no answer without words
    one("#strip").classList.add("stale");
}

/** The page without an answer. */
function showNothing() {
    questioned.abort();
    drawn = null;
    put("#hint", piece("look", "hint", hasClasses() ? facts().words.nothing : facts().noClasses));
    for (const place of ["#bars", "#map", "#crop-seen", "#strip", "#nearest"]) put(place);
    for (const head of every(".asked-map")) head.replaceChildren();
    document.documentElement.style.removeProperty("--region");
    one("#answer-style").replaceChildren();
}

/** The map of the class in question, and the film strip. */
async function answerQuestion() {
    const now = seen;
    if (!now || !hasClasses()) return;
    questioned.abort();
    questioned = new AbortController();
    const control = questioned;
    try {
        const { target, versus } = classesInQuestion(now);
        if (versus === target) {
            show({ versus: "" });
            return tell(facts().words.itself);
        }
        bars(now, target);
        const question = { target, versus, method: shown.method, cell: methodOf(shown.method).cells ? shown.cell : WHOLE_NETWORK };
        const asked = caption(data().labels[target].name, versus === undefined ? "" : data().labels[versus].name, shown.method, shown.cell, probabilityOf(now, target));
        const heat = await mapOf(now, question, control);
        const scale = shown.same ? await scaleOf(now, question, control) : 0;
        const view = await mapView(now.aspect, heat, asked, scale);
        if (control.signal.aborted) return;
        put("#map", view);
        mapped = now.picture;
        for (const head of every(".asked-map")) head.replaceChildren(build(askedView(now.aspect, heat, asked, scale)));
        drawn = { seen: now, caption: asked, heat };
        answered = Object.fromEntries(ABOUT_THE_MAP.map((name) => [name, shown[name]]));
        await filmStrip(now, target, versus, control);
    } catch (error) {
        if (error instanceof Refusal) tell(error.message);
        else if (isCancelled(error)) putBack(now);
        else if (!isAborted(error)) tell(error instanceof Error ? error.message : String(error));
    }
}

/**
 * What was asked before a question that was given up, if its map is still on the page.
 * @param {Seen} now
 */
function putBack(now) {
    if (drawn?.seen.picture !== now.picture) return;
    restoring = true;
    show(answered);
    restoring = false;
    bars(now, classesInQuestion(now).target);
}

/**
 * The map; that of an example's likeliest class came with the page.
 * @param {Seen} now
 * @param {Question} question
 * @param {AbortController} control
 * @returns {Promise<Heat>}
 */
async function mapOf(now, question, control) {
    const { example, view } = now;
    const first = question.target === now.best[0].index && question.versus === undefined;
    if (!view && example && first && question.method === facts().method && question.cell === WHOLE_NETWORK) {
        return { ...example.map, values: Float32Array.from(example.map.values) };
    }
    const running = await engine();
    if (!view) throw new DOMException("the network has not looked yet", "AbortError");
    return patiently("#working", `${question.method} is at work`, control, (patience) => running.explain(view, question, patience));
}

/**
 * The highest magnitude in the likeliest class's map by the same method at the same place.
 * @param {Seen} now
 * @param {Question} question
 * @param {AbortController} control
 */
async function scaleOf(now, question, control) {
    const { values } = await mapOf(now, { ...question, target: now.best[0].index, versus: undefined }, control);
    return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/**
 * Every cell by the chosen method, if that can explain cells.
 * @param {Seen} now
 * @param {number} target
 * @param {number | undefined} versus
 * @param {AbortController} control
 */
async function filmStrip({ view }, target, versus, control) {
    if (!view) return;
    const used = stripMethod(shown.method);
    const { method, cell } = shown;
    const running = await engine();
    const heats = await patiently("#filming", `${used}, cell by cell,`, control, (patience) => running.film(view, { target, versus, method: used }, patience));
    if (control.signal.aborted) return;
    put("#strip", filmView(view, heats, used, method, cell));
    one("#strip").classList.remove("stale");
}

/**
 * The chosen method, or the first one where that explains pixels.
 * @param {string} method
 */
function stripMethod(method) {
    return methodOf(method).cells ? method : facts().method;
}

/**
 * The five likeliest classes, and below them one that was searched for.
 * @param {Seen} now
 * @param {number} target
 */
function bars(now, target) {
    const { name } = data().labels[target];
    const searched = now.best.some(({ index }) => index === target) ? [] : [{ index: target, name, probability: probabilityOf(now, target) }];
    const rows = [...now.best, ...searched].map((one) => [one.name, percent(one.probability), 100 * one.probability, searched.includes(one)]);
    const focused = /** @type {HTMLInputElement | null} */ (document.activeElement?.closest("#bars input"))?.value;
    put("#bars", piece("look", "bars", rows, name));
    if (focused) every("#bars input").find((input) => /** @type {HTMLInputElement} */ (input).value === focused)?.focus({ preventScroll: true });
}

/**
 * @param {Seen} now
 * @param {number} index
 */
function probabilityOf(now, index) {
    return now.view ? now.view.probabilities[index] : (now.best.find((one) => one.index === index)?.probability ?? 0);
}

/** The map as a figure with a caption. */
function saveMap() {
    if (!drawn) return tell("There is no map to save yet.");
    saveFile(figure(drawn.seen.region, drawn.heat, drawn.caption), fileName(drawn.caption, ".png"));
}
