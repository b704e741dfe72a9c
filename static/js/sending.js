// Between a click and the next page: the button says that something is on its way, and a second click does nothing. It is
// itself again when the page is seen again (Back), when the browser gives up, and when nothing came of it for so long.
// form[data-download]: its answer is a file, which leaves this page as it is.
(() => {
    "use strict";

    const PATIENCE = 30_000; // ms; a form that was sent twice is one operation all the same
    const DOWNLOAD = 4000; // ms; no event says when a download began
    const root = document.documentElement; // not patched by a refresh
    const sent = new Map(); // form -> the button that was pressed, and what makes it itself again

    function restore(form) {
        sent.get(form)?.undo();
        sent.delete(form);
        root.toggleAttribute("data-sending", sent.size > 0);
    }

    function restoreAll() {
        [...sent.keys()].forEach(restore);
    }

    // The button that was pressed; for Enter in a form whose first button isn't seen, the one that is.
    function buttonOf(form, submitter) {
        const pressed = submitter?.matches(".button") ? submitter : null;
        return pressed ?? form.querySelector("button.primary") ?? submitter;
    }

    function makeBusy(button, words) {
        const { width } = button.getBoundingClientRect();
        const before = [...button.childNodes];
        button.style.minWidth = `${width}px`;
        button.replaceChildren(words);
        button.setAttribute("aria-disabled", "true");
        return () => {
            button.style.minWidth = "";
            button.replaceChildren(...before);
            button.removeAttribute("aria-disabled");
        };
    }

    function send(event) {
        const form = event.target;
        const button = buttonOf(form, event.submitter);
        const isDownload = "download" in form.dataset;
        if (isDownload && sent.get(form)?.button !== button) restore(form); // another file was asked for
        if (sent.has(form)) event.preventDefault();
        if (event.defaultPrevented) return;
        const words = form.method === "get" ? "Loading…" : "Sending…";
        const itself = button ? makeBusy(button, button.dataset.busy ?? (isDownload ? "Preparing…" : words)) : () => {};
        const timer = setTimeout(restore, isDownload ? DOWNLOAD : PATIENCE, form);
        const undo = () => {
            clearTimeout(timer);
            itself();
        };
        sent.set(form, { button, undo });
        root.toggleAttribute("data-sending", !isDownload);
    }

    document.addEventListener("submit", send);
    window.addEventListener("pageshow", restoreAll);
    window.navigation?.addEventListener("navigateerror", restoreAll);
    // Firefox 153 doesn't report a page load that was stopped; this key stops it.
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") restoreAll(); });
    // A refresh would put the button back, and change a page that is about to go.
    document.addEventListener("htmx:beforeSwap", (event) => {
        if (root.hasAttribute("data-sending")) event.detail.shouldSwap = false;
    });
})();
