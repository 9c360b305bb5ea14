// Tabs, as the ARIA practices have them: one stop for the keyboard, and arrows between them.

import { every, one } from "./elements.js";
import { show, shown, whenever } from "./shown.js";

export function startTabs() {
    const tabs = every("[role=tab]");
    whenever(["tab"], openTab);
    one("[role=tablist]").addEventListener("click", (event) => {
        const tab = /** @type {HTMLElement} */ (event.target).closest("[role=tab]");
        if (tab instanceof HTMLElement) show({ tab: tab.dataset.tab });
    });
    one("[role=tablist]").addEventListener("keydown", (event) => {
        const at = tabs.findIndex((tab) => tab === event.target);
        const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
        if (next === undefined) return;
        event.preventDefault();
        const tab = tabs[(next + tabs.length) % tabs.length];
        tab.focus();
        show({ tab: tab.dataset.tab });
    });
}

function openTab() {
    for (const tab of every("[role=tab]")) {
        const chosen = tab.dataset.tab === shown.tab;
        tab.ariaSelected = String(chosen);
        tab.tabIndex = chosen ? 0 : -1;
        one(`#${tab.dataset.tab}-panel`).hidden = !chosen;
    }
}
