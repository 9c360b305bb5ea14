// Keeps the site for visits without network: every file that building.py names in SITE, once it has been loaded. Another
// version of the site has another name, and takes the place of this one when no page of it is open any more.

/** @typedef {{version: string, files: string[]}} Site */

const worker = /** @type {any} */ (globalThis);
const site = /** @type {Site} */ (worker.SITE);
const NAME = `nasnet-demo ${site.version}`;

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(fill()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(tidy()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { method, url } = event.request;
    if (method === "GET" && url.startsWith(worker.registration.scope)) event.respondWith(find(event.request));
});

async function fill() {
    const cache = await caches.open(NAME);
    // Asked of the server: what the browser keeps otherwise may be of an earlier version.
    await cache.addAll(site.files.map((file) => new Request(file, { cache: "no-cache" })));
}

async function tidy() {
    for (const name of await caches.keys()) {
        if (name.startsWith("nasnet-demo ") && name !== NAME) await caches.delete(name);
    }
    await worker.clients.claim();
}

/** @param {Request} request */
async function find(request) {
    const cache = await caches.open(NAME);
    const asked = request.mode === "navigate" ? "./" : request; // there is one page
    return (await cache.match(asked, { ignoreSearch: true })) ?? fetch(request);
}
