/*
The palette: Ctrl-K or the button in the head opens it over any page. What is typed finds campaigns, people, pages and
actions (fragments of /find/); ↑ ↓ move, Enter opens, Ctrl-Enter pauses or resumes. The focus stays in the field:
aria-activedescendant says which row is meant.
*/
(() => {
    "use strict";

    const SOON = 60; // ms after the last letter
    const palette = document.getElementById("palette");
    const field = document.getElementById("palette-q");
    const place = document.getElementById("palette-found");
    let timer = 0;

    const rows = () => [...place.querySelectorAll("[role=option]")];
    const meant = () => place.querySelector("[aria-selected=true]");

    function mean(row) {
        meant()?.setAttribute("aria-selected", "false");
        if (!row) return field.removeAttribute("aria-activedescendant");
        row.setAttribute("aria-selected", "true");
        row.scrollIntoView({ block: "nearest" });
        field.setAttribute("aria-activedescendant", row.id);
    }

    function move(step) {
        const found = rows();
        if (!found.length) return;
        const now = found.indexOf(meant());
        mean(found[(now + step + found.length) % found.length]);
    }

    function look() {
        clearTimeout(timer);
        timer = setTimeout(() => htmx.trigger(field, "look"), SOON);
    }

    function open() {
        if (palette.open) return;
        palette.showModal();
        field.select();
        look();
    }

    // Enter may come before the answer to the last letter: it waits for that, and never takes an earlier one's row.
    let waiting = null;
    const isCurrent = () => document.getElementById("found")?.dataset.typed === field.value.trim();

    function go(row, acts) {
        const address = (acts && row.dataset.act) || row.dataset.go;
        if ("posts" in row.dataset) document.querySelector(`.head form[action="${CSS.escape(address)}"]`).requestSubmit();
        else location.assign(address);
    }

    function choose(acts) {
        if (!isCurrent()) {
            waiting = { acts };
            clearTimeout(timer);
            htmx.trigger(field, "look");
            return;
        }
        const row = meant() ?? rows()[0];
        if (row) go(row, acts);
    }

    function pressed(event) {
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            move(event.key === "ArrowDown" ? 1 : -1);
        } else if (event.key === "Enter") {
            event.preventDefault();
            choose(event.ctrlKey || event.metaKey);
        } else if (event.key === "Escape") {
            event.preventDefault(); // a browser would only empty the field
            palette.close();
        } else if (event.key === "?" && !field.value) {
            event.preventDefault();
            palette.close();
            showKeys();
        }
    }

    function answered() {
        mean(rows()[0]);
        if (!waiting || !isCurrent()) return;
        const { acts } = waiting;
        waiting = null;
        choose(acts);
    }

    document.getElementById("find").addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return; // in a tab of its own
        event.preventDefault();
        open();
    });
    document.addEventListener("keydown", (event) => {
        if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
            event.preventDefault();
            open();
        }
    });
    field.addEventListener("keydown", pressed);
    field.addEventListener("input", () => { waiting = null; look(); });
    place.addEventListener("htmx:afterSwap", answered);
    place.addEventListener("click", (event) => {
        const row = event.target.closest("[role=option]");
        if (!row) return;
        const opensTab = (event.ctrlKey || event.metaKey) && !("posts" in row.dataset);
        if (opensTab) window.open(row.dataset.go, "_blank", "noopener");
        else go(row, false);
    });
    place.addEventListener("pointermove", (event) => {
        const row = event.target.closest("[role=option]");
        if (row && row !== meant()) mean(row);
    });
    palette.addEventListener("click", (event) => { if (event.target === palette) palette.close(); });
})();
