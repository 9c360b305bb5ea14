// Asks the browser to keep the site, so that the next visit needs no network. The single file needs none anyway.

export function keepForOffline() {
    if (!("serviceWorker" in navigator) || !location.protocol.startsWith("http")) return;
    // Where it may not be kept, as in a private window, the site works all the same.
    navigator.serviceWorker.register(new URL("service-worker.js", document.baseURI)).catch(() => undefined);
}
