// My operations: refreshed every 2 s while one of mine runs, also in a tab that nobody looks at, and otherwise as often as
// the head of a page. Each end is said once: a toast in one tab, its words before the title until somebody has looked, and,
// for whoever wants them, a notification and a sound.
//
// Tabs agree by a list in localStorage: the first that writes an end there says it. What had ended well before somebody
// looked in this browser for the first time is counted in the head, and not said over the page. Hidden tabs leave the asking to one that
// is seen, or to the hidden one that asked last.
(() => {
    "use strict";

    const tray = document.getElementById("tray");
    if (!tray) return;

    const SAID = `ends-said ${document.body.dataset.user}`; // keys of ends that some tab has said, oldest first
    const MOST_SAID = 100;
    const LEFT = "toasts-left"; // key -> seconds: toasts that the next page of this tab goes on showing
    const GOOD_SECONDS = 20; // a bad end stays until somebody takes it away
    const MOST_TOASTS = 3;
    const UNDO = "[data-action]:not([data-action=cancel])";
    const HEARD = 5000; // ms; longer ago, nobody else asks

    const region = document.getElementById("toasts");
    const tabs = "BroadcastChannel" in window ? new BroadcastChannel("tray") : null;
    const shown = new Map(); // key -> { toast, left: seconds, label, isBad }
    let asked = Date.now();
    let heard = 0;
    let isOver = false; // the session has ended

    const keyOf = (item) => item.id.replace("mine-", "");
    const textOf = (item, selector) => item.querySelector(selector)?.textContent.trim() ?? "";

    function recall(storage, key, otherwise) {
        try { return JSON.parse(storage.getItem(key)) ?? otherwise; } catch { return otherwise; }
    }

    function keep(storage, key, value) {
        try { storage.setItem(key, JSON.stringify(value)); } catch { /* each tab speaks for itself then */ }
    }

    // --- Asking ---

    function isDue() {
        const seconds = Number(tray.dataset.seconds);
        if (Date.now() < asked + seconds * 1000) return false;
        if (!document.hidden) return true;
        return seconds <= 2 && Date.now() > heard + HEARD;
    }

    function ask() {
        if (isOver || tray.classList.contains("htmx-request") || !isDue()) return;
        if (document.documentElement.hasAttribute("data-sending")) return;
        refresh();
    }

    function refresh() {
        asked = Date.now();
        tabs?.postMessage("asked");
        htmx.trigger(tray, "refresh");
    }

    // --- Ends ---

    function claim(key) {
        const said = recall(localStorage, SAID, []);
        if (said.includes(key)) return false;
        keep(localStorage, SAID, [...said, key].slice(-MOST_SAID));
        return true;
    }

    function look() {
        const isFirst = recall(localStorage, SAID, null) === null;
        if (isFirst) keep(localStorage, SAID, []);
        const items = [...tray.querySelectorAll("[data-ended]")];
        const news = items.filter((item) => claim(keyOf(item)) && !(isFirst && !isBad(item)));
        news.slice(0, MOST_TOASTS).forEach((item) => say(item));
        for (const [key, { toast }] of shown) {
            // Its two minutes are over, or it has been undone.
            const item = document.getElementById(`mine-${key}`);
            if (!item?.querySelector(UNDO)) toast.querySelector(UNDO)?.remove();
        }
    }

    const isBad = (item) => item.dataset.ended === "bad" || item.dataset.ended === "warning";

    function say(item) {
        const link = item.querySelector("a");
        const words = [`${item.dataset.label}: ${link.textContent.trim()}`, textOf(item, ".tray-words")];
        if (document.hidden || !document.hasFocus()) {
            if ("notifies" in tray.dataset) signals.notify(...words, link.href);
        }
        if ("sounds" in tray.dataset) signals.sound(isBad(item));
        // Whoever watches it on its own page needs no toast.
        if (document.hidden || new URL(link.href).pathname !== location.pathname) show(item, isBad(item) ? Infinity : GOOD_SECONDS);
    }

    // --- Toasts ---

    function show(item, left) {
        const key = keyOf(item);
        const tone = item.dataset.ended;
        const toast = document.createElement("div");
        toast.className = `toast notice tone-${tone}`;
        const words = document.createElement("div");
        words.className = "grow";
        words.append(item.querySelector(".tray-title").cloneNode(true), ...[...item.querySelectorAll(":scope > p.small")].map((each) => each.cloneNode(true)));
        const undo = item.querySelector(UNDO);
        const away = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: "Dismiss" });
        away.setAttribute("aria-label", `Dismiss: ${textOf(item, "a")}`);
        away.addEventListener("click", () => dismiss(key));
        toast.append(words, ...(undo ? [undo.cloneNode(true)] : []), away);
        region.append(toast);
        shown.set(key, { toast, left, label: item.dataset.label });
        retitle();
    }

    function dismiss(key) {
        const { toast } = shown.get(key);
        const hadFocus = toast.contains(document.activeElement);
        toast.remove();
        shown.delete(key);
        if (hadFocus) document.getElementById("main").focus();
        retitle();
    }

    function retitle() {
        const labels = [...shown.values()].map(({ label }) => label);
        tabTitle.set("ends", labels.length ? `(${labels.length}) ${labels.at(-1)}` : "");
    }

    function age() {
        if (document.hidden) return;
        for (const [key, entry] of shown) {
            if (entry.toast.matches(":hover, :focus-within")) continue;
            entry.left -= 1;
            if (entry.left <= 0) dismiss(key);
        }
    }

    function goOn() {
        for (const [key, left] of Object.entries(recall(sessionStorage, LEFT, {}))) {
            const item = document.getElementById(`mine-${key}`);
            if (item?.dataset.ended && new URL(item.querySelector("a").href).pathname !== location.pathname) show(item, left ?? Infinity);
        }
        keep(sessionStorage, LEFT, {});
    }

    // --- Looking at the tray ---

    async function seen() {
        if (!tray.open) return;
        [...shown.keys()].forEach(dismiss);
        if (!tray.querySelector("[data-ended]")) return;
        const body = new URLSearchParams({ csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value });
        try {
            await fetch(tray.dataset.seen, { method: "POST", body });
            tabs?.postMessage("seen");
            refresh();
        } catch { /* they are news for the next page, too */ }
    }

    function hear({ data }) {
        if (data === "asked") heard = Date.now();
        else refresh();
    }

    tray.addEventListener("toggle", seen);
    tabs?.addEventListener("message", hear);
    document.body.addEventListener("htmx:afterSettle", look);
    document.body.addEventListener("htmx:responseError", ({ detail }) => { if (detail.xhr.status === 401) isOver = true; });
    // Infinity isn't JSON: null stands for it.
    window.addEventListener("pagehide", () => keep(sessionStorage, LEFT, Object.fromEntries([...shown].map(([key, { left }]) => [key, left]))));
    setInterval(ask, 250);
    setInterval(age, 1000);
    goOn();
    look();
})();
