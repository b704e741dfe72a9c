// Shows each confirmation only where it counts. Without this script the server asks for what is missing. The form may come
// with the page, or later, in a panel of it.
(() => {
    "use strict";

    // By what #impact last showed, which refreshes itself.
    const isOverLimit = () => document.getElementById("impact")?.hasAttribute("data-over-limit");

    function reveal(form) {
        const drop = form.querySelector("[data-with-drop]");
        if (!drop) return; // it resumes
        const now = form.querySelector("[name=when][value=now]")?.checked ?? true;
        const overrides = form.querySelector("[name=reason]:checked")?.hasAttribute("data-overrides");
        const confirmation = form.querySelector("[data-with-override]");
        const isAskedFor = confirmation.querySelector("[aria-invalid]") !== null;
        confirmation.hidden = !(overrides && now && (isOverLimit() || isAskedFor));
        drop.hidden = !form.elements.drop_active_calls.checked;
    }

    // A reason that was chosen before is never out of sight.
    function unfold(form) {
        const chosen = form.querySelector("details [name=reason]:checked");
        if (chosen) chosen.closest("details").open = true;
    }

    function revealAll() {
        for (const form of document.querySelectorAll("form[data-dialing-form]")) {
            unfold(form);
            reveal(form);
        }
    }

    document.addEventListener("change", (event) => {
        const form = event.target.closest?.("form[data-dialing-form]");
        if (form) reveal(form);
    });
    document.addEventListener("htmx:afterSettle", revealAll);
    window.addEventListener("pageshow", revealAll); // the browser may have put back what was chosen before
    revealAll();
})();
