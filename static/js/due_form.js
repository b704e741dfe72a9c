// A form that asks for something now, at a time, or when few enough calls are in progress: shows the fields of what is
// chosen. Whoever types a time means it. Without this script all of it stands there, explained. The form may come with the
// page, or later, in a panel of it.
(() => {
    "use strict";

    const known = new WeakSet(); // forms whose button's words are kept

    const choice = (form) => form.querySelector("[name=when]:checked")?.value ?? "now";
    const timesOf = (form) => form.querySelector("[data-with-at]");

    function reveal(form) {
        const chosen = choice(form);
        const button = form.querySelector("[data-at]");
        if (!known.has(form)) {
            known.add(form);
            button.dataset.now = button.textContent;
        }
        for (const when of ["at", "calls"]) {
            const fields = form.querySelector(`[data-with-${when}]`);
            if (!fields) continue;
            fields.hidden = chosen !== when;
            // What isn't seen isn't sent; it is there again when it is chosen again.
            for (const input of fields.querySelectorAll("input")) input.disabled = chosen !== when;
        }
        // While it says that it is being sent, sending.js has the button.
        if (!button.hasAttribute("aria-disabled")) button.textContent = button.dataset[chosen] ?? button.dataset.now;
    }

    // A draft that was put back, or the browser's own memory after Back.
    function choose(event) {
        const form = event.target.closest?.("form[data-dialing-form]");
        if (!form || !timesOf(form)) return;
        if (timesOf(form).contains(event.target) && event.target.value) form.querySelector("[name=when][value=at]").checked = true;
        reveal(form);
    }

    const isTyped = (form) => [...timesOf(form).querySelectorAll("input:not([type=radio])")].some((input) => input.value);

    function revealAll() {
        for (const form of document.querySelectorAll("form[data-dialing-form]")) {
            if (!timesOf(form)) continue;
            // draft.js may have put a time back before this script listened. What the server has asked about stays as it was sent.
            const isNew = !known.has(form) && !("answered" in document.body.dataset);
            if (isNew && isTyped(form)) form.querySelector("[name=when][value=at]").checked = true;
            reveal(form);
        }
    }

    document.addEventListener("change", choose);
    document.addEventListener("input", choose);
    document.addEventListener("htmx:afterSettle", revealAll);
    window.addEventListener("pageshow", revealAll);
    revealAll();
})();
