// Links into the page: the same as those of the page with a server (nasnet_demo/documents/links.py). visit.js, which that
// page has too, writes them from what is shown; this file reads them.

import { data } from "../assets.js";
import { places } from "../places.js";
import { visit } from "../../../ui/visit.js";
import { one, tell } from "./elements.js";
import { facts, findClass, Refusal } from "./facts.js";
import { readPair, writePair } from "./genotype.js";
import { likeliest, whenSeen } from "./seen.js";
import { beginning, ownPictures, show, shown, whenever } from "./shown.js";

/** @import {Shown} from "./shown.js" */

const LONGEST = 4000; // characters of a link that are read
const MOST = 40; // fields, and values of a list
// What visit.js calls the visitor's own pictures begins with "uploads/"; those of before a reload are gone.
const OWN = `uploads/${performance.timeOrigin}/`;
const GONE = "your own picture, which was in this page only and is gone";
const WRITTEN = /** @type {const} */ (["example", "crop", "class", "versus", "method", "cell", "tests", "more", "part", "off", "genotype"]);

/**
 * @param {string[]} known
 * @param {string} value
 * @param {string} what
 */
function oneOf(known, value, what) {
    if (!known.includes(value)) throw new Refusal(`no ${what} '${value.slice(0, 40)}'`);
    return value;
}

/** @param {string} value */
function partOf(value) {
    const { cells, gates } = data();
    return oneOf(cells.flatMap(({ name }) => places(gates, name)), value, "part");
}

/** @param {string} value @returns {string} */
function testsOf(value) {
    return [...new Set(value.split(",").filter(Boolean).slice(0, MOST).map((name) => FIELDS.method(name)))].join(",");
}

/** @param {string} value */
function classOf(value) {
    return data().labels[findClass(value)].name;
}

/** Each gives a value as the page has it, or refuses it. @type {Record<string, (value: string) => string>} */
const FIELDS = {
    step: (value) => oneOf(Object.entries(facts().links).flatMap(([name, steps]) => steps.map((_, i) => `${name}-${i + 1}`)), value, "such step of a lesson"),
    tab: (value) => oneOf(Object.keys(data().tabs), value, "tab"),
    example: (value) => oneOf(data().examples.map(({ name }) => name), value, "example"),
    crop: (value) => oneOf(facts().crops, value, "part of the picture"),
    class: classOf,
    versus: classOf,
    method: (value) => {
        const bare = (/** @type {string} */ text) => text.toLowerCase().replace(/[^a-z+]/g, "");
        const found = data().methods.find(({ name }) => bare(name) === bare(value));
        return found?.name ?? oneOf([], value, "method");
    },
    genotype: (value) => writePair(readPair(value)),
    cell: (value) => oneOf(data().network.cells, value, "cell"),
    part: partOf,
    tests: testsOf,
    more: testsOf,
    off: (value) => [...new Set(value.split(",").filter(Boolean).slice(0, MOST).map(partOf))].join(","),
};

/**
 * The fields of a link, each as the page itself would write it, and what it asks for in vain.
 * @param {string} fragment
 * @returns {{values: Record<string, string>, refused: string[]}}
 */
export function readLink(fragment) {
    /** @type {Record<string, string>} */
    const values = {};
    const refused = [];
    for (const [name, value] of new Map([...new URLSearchParams(fragment.replace(/^#/, "").slice(0, LONGEST))].slice(0, MOST).reverse())) {
        if (!Object.hasOwn(FIELDS, name) || !(value || ["off", "tests", "more"].includes(name))) continue;
        try {
            values[name] = FIELDS[name](value);
        } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            refused.push(error.message);
        }
    }
    return { values, refused };
}

export function startVisit() {
    one("#visit-open").addEventListener("click", openLink);
    // They are in this page only.
    one("#visit-forget").addEventListener("click", () => document.dispatchEvent(new CustomEvent("visit-forgotten")));
    whenever([...WRITTEN.filter((name) => name !== "more"), "own", "step"], said);
    whenever(["tab"], () => document.dispatchEvent(new CustomEvent("visit-tab", { detail: shown.tab })));
    whenSeen(said); // the likeliest class has a name now
    sessionStorage.removeItem("visit-uploads"); // gone with the page before
    visit();
    said();
}

/** What is shown, for visit.js. */
function said() {
    const first = beginning();
    const about = {
        fields: WRITTEN,
        first: Object.fromEntries(WRITTEN.map((name) => [name, isTests(name) ? tested(first.tests, name).join(",") : String(first[name])])),
        examples: data().examples.map(({ name }) => name),
        tabs: facts().tabs,
    };
    const values = WRITTEN.map((name) => {
        if (name === "example") return { path: shown.example || `${OWN}${shown.own}` };
        if (isTests(name)) return tested(shown.tests, name);
        return name === "class" ? shown.class || likeliest() : shown[name];
    });
    document.dispatchEvent(new CustomEvent("visit-shown", { detail: { about, values } }));
}

/**
 * @param {typeof WRITTEN[number]} name
 * @returns {name is "tests" | "more"}
 */
function isTests(name) {
    return name === "tests" || name === "more";
}

/**
 * Which of the maps to test a field of a link holds: those that are offered at once, or the others.
 * @param {string} tests
 * @param {"tests" | "more"} name
 */
function tested(tests, name) {
    return tests.split(",").filter((one) => one && facts().trust.offered.includes(one) === (name === "tests"));
}

/** Shows what the address says. */
function openLink() {
    const { values, refused } = readLink(location.hash);
    const step = stepOf(values.step ?? "");
    const meant = { ...step?.link, ...values };
    const path = meant.example ? "" : (history.state?.upload?.path ?? "");
    const number = path.startsWith(OWN) ? Number(path.slice(OWN.length)) : 0;
    if (path && !ownPictures[number - 1]) refused.push(GONE);
    const first = beginning();
    const [example, own] = ownPictures[number - 1] ? ["", number] : [meant.example || first.example, 0];
    const crop = meant.crop || first.crop;
    const stays = example === shown.example && own === shown.own && crop === shown.crop;
    const likeliestMeant = stays && !shown.class && meant.class === likeliest();
    const elsewhere = meant.tab && !facts().tabs.includes(meant.tab) ? meant.tab : "";
    show({
        ...first,
        .../** @type {Partial<Shown>} */ (Object.fromEntries(Object.entries(meant).filter(([name]) => name in first))),
        tab: elsewhere ? first.tab : meant.tab || first.tab,
        example,
        own,
        same: shown.same,
        paint: shown.paint,
        class: likeliestMeant ? "" : (meant.class ?? ""),
        off: (meant.off ?? "").split(",").filter(Boolean),
        tests: [meant.tests, meant.more].filter(Boolean).join(",") || first.tests,
    });
    if (elsewhere) refused.push(`the part “${data().tabs[elsewhere].name}”, which only the page with a server has`);
    tell(refused.length ? `This link asks for something that is not here: ${refused.join("; ")}.` : "", "#visit-message");
}

/**
 * @param {string} step
 * @returns {{link: Record<string, string>} | undefined}
 */
function stepOf(step) {
    const [, name, number] = step.match(/^(.*)-(\d+)$/) ?? [];
    return data().lessons.find(({ id }) => id === name)?.steps[Number(number) - 1];
}
