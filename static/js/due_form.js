// A form that asks for something now or at a time: shows the time's fields where they count. Whoever types a time means
// it. Without this script all of it stands there, explained.
(() => {
    "use strict";

    const form = document.querySelector("form.form");
    const later = form?.querySelector("[data-with-at]");
    if (!later) return;
    const [now, at] = form.querySelectorAll("[name=when]");
    const button = form.querySelector("[data-later]");
    const atOnce = button.textContent;

    function reveal() {
        later.hidden = now.checked;
        // What isn't seen isn't sent; it is there again when the time is chosen again.
        for (const input of later.querySelectorAll("input")) input.disabled = now.checked;
        button.textContent = now.checked ? atOnce : button.dataset.later;
    }

    // A draft that was put back, or the browser's own memory after Back.
    function choose(event) {
        if (later.contains(event.target) && event.target.value) at.checked = true;
        reveal();
    }

    const isTyped = () => [...later.querySelectorAll("input:not([type=radio])")].some((input) => input.value);
    // draft.js may have put a time back before this script listened. What the server has asked about stays as it was sent.
    if (!("answered" in document.body.dataset) && isTyped()) at.checked = true;
    form.addEventListener("change", choose);
    form.addEventListener("input", choose);
    window.addEventListener("pageshow", reveal);
    reveal();
})();
