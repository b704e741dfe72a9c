// A new state is spoken once, by an element that stays where it is: <p id="said" role="status">, from [data-say] in a fragment
// that refreshes itself.
(() => {
    "use strict";

    const said = document.getElementById("said");

    function say() {
        const words = document.querySelector("[data-say]")?.textContent.trim() ?? "";
        if (said.dataset.words !== undefined && said.dataset.words !== words) said.textContent = words;
        said.dataset.words = words;
    }

    document.body.addEventListener("htmx:afterSettle", say);
    say();
})();
