// What a refresh of a fragment would take away or leave unsaid: tables that somebody opened stay open, and a new state is
// spoken once, by an element that stays where it is: <p id="said" role="status">, from [data-say] in the fragment.
(() => {
    "use strict";

    const said = document.getElementById("said");
    let opened = new Set();

    function say() {
        const words = document.querySelector("[data-say]")?.textContent.trim() ?? "";
        if (said.dataset.words !== undefined && said.dataset.words !== words) said.textContent = words;
        said.dataset.words = words;
    }

    document.body.addEventListener("htmx:beforeSwap", () => {
        opened = new Set([...document.querySelectorAll("details[id][open]")].map((details) => details.id));
    });
    document.body.addEventListener("htmx:afterSettle", () => {
        for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
        say();
    });
    say();
})();
