// Says at the note whether the chosen reason needs one. The form may come with the page, or later, in a panel of it.
(() => {
    "use strict";

    function say(word) {
        const form = word.closest("form");
        const needed = form.querySelector("[name=reason]:checked")?.hasAttribute("data-needs-note") ?? false;
        const text = `(${needed ? word.dataset.noteWord : "optional"})`;
        if (word.textContent !== text) word.textContent = text;
        form.elements.note.required = needed;
    }

    const sayAll = () => document.querySelectorAll("[data-note-word]").forEach(say);

    document.addEventListener("change", (event) => {
        if (event.target.name === "reason") sayAll();
    });
    document.addEventListener("htmx:afterSettle", sayAll);
    window.addEventListener("pageshow", sayAll); // the browser may have put back what was chosen before
    sayAll();
})();
