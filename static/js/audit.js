/*
The audit's list: a filter that applies as it changes, suggestions of campaigns while a name is typed, and a record that opens
beside the list.

Each row has a link to its record's page, which is all there is without this script and on narrow screens. With it, the link, or
a click anywhere on the row, opens the panel; arrow keys move through the rows, and an open panel follows; Escape closes it. The
address holds the record, so that it can be shared and Back works as ever.
*/
(() => {
    "use strict";

    const WIDE = matchMedia("(min-width: 64rem)");
    const PAUSE = 150; // ms of rest before names are looked up
    const table = document.getElementById("rows");
    const panel = document.getElementById("record-panel");
    const form = document.querySelector("[data-apply-on-change]");
    let asked = 0; // the newest request for a record: an older answer that comes later is dropped

    const rows = () => [...table.tBodies[0].rows];
    const linkOf = (row) => row.querySelector(".row-link");
    const isOpen = () => !panel.hidden;

    function setAddress(number) {
        const address = new URL(location.href);
        if (number) address.searchParams.set("record", number);
        else address.searchParams.delete("record");
        history.replaceState(history.state, "", address);
    }

    function choose(row) {
        for (const each of rows()) each.classList.toggle("chosen", each === row);
    }

    async function open(row) {
        const ticket = (asked += 1);
        const { record } = row.dataset;
        choose(row);
        const answer = await fetch(`${linkOf(row).pathname}panel/`, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
        if (ticket !== asked) return;
        if (!answer?.ok || answer.redirected) {
            location.assign(linkOf(row).href); // it says what is the matter
            return;
        }
        panel.innerHTML = await answer.text();
        panel.hidden = false;
        panel.parentElement.classList.add("open");
        setAddress(record);
    }

    function close() {
        asked += 1;
        panel.hidden = true;
        panel.replaceChildren();
        panel.parentElement.classList.remove("open");
        setAddress("");
        const chosen = rows().find((row) => row.classList.contains("chosen"));
        choose(null);
        if (chosen) linkOf(chosen).focus();
    }

    function move(row, step) {
        const all = rows();
        const next = all[all.indexOf(row) + step];
        if (!next) return;
        linkOf(next).focus();
        if (isOpen()) open(next);
    }

    function pressed(event) {
        if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
        if (event.key === "Escape" && isOpen() && !event.defaultPrevented && !document.querySelector("dialog[open], details.menu[open]")) {
            close();
            return;
        }
        const row = event.target.closest("tr[data-record]") ?? (event.target.closest("#record-panel") && rows().find((each) => each.classList.contains("chosen")));
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (!row || !step) return;
        event.preventDefault();
        move(row, step);
    }

    function clicked(event) {
        const plain = event.button === 0 && !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
        if (!plain || !WIDE.matches) return;
        const row = event.target.closest("tr[data-record]");
        const other = event.target.closest("a:not(.row-link), button, summary, details");
        if (!row || other || !getSelection().isCollapsed) return;
        event.preventDefault();
        linkOf(row).focus();
        open(row);
    }

    if (table) {
        table.addEventListener("click", clicked);
        document.addEventListener("keydown", pressed);
        panel.addEventListener("click", (event) => {
            if (!event.target.closest(".close")) return;
            event.preventDefault();
            close();
        });
    }

    function suggestNames() {
        const names = document.getElementById("known-campaigns");
        const field = form.elements.campaign;
        if (!names || !field) return;
        let timer = 0;
        let last = "";
        async function look() {
            const text = field.value.trim();
            if (text.length < 2 || text === last) return;
            last = text;
            const answer = await fetch(`${names.dataset.address}?${new URLSearchParams({ q: text })}`).catch(() => null);
            if (answer?.ok && !answer.redirected && text === field.value.trim()) names.innerHTML = await answer.text();
        }
        field.addEventListener("input", () => {
            clearTimeout(timer);
            timer = setTimeout(look, PAUSE);
        });
    }

    // What is typed applies with Enter or its button: a half-typed word is no filter.
    function applyOnChange() {
        form.addEventListener("change", (event) => {
            if (event.target.matches("select")) form.requestSubmit();
        });
        const field = form.elements.campaign;
        // A name chosen from the suggestions arrives at once, without any key.
        field?.addEventListener("input", (event) => {
            if (event.inputType === "insertReplacementText") form.requestSubmit();
        });
    }

    // Ranges and views are links, which lead where the filter stood: what was typed since goes with them.
    function keepTyped() {
        document.addEventListener("click", (event) => {
            const link = event.target.closest(".range-picker a, .presets a");
            if (!link) return;
            const address = new URL(link.href);
            for (const field of form.querySelectorAll("input:not([type=hidden])")) {
                const isTime = field.name === "since" || field.name === "until";
                if (!isTime && field.value !== field.defaultValue) address.searchParams.set(field.name, field.value);
            }
            link.href = address;
        });
    }

    if (form) {
        suggestNames();
        applyOnChange();
        keepTyped();
    }
})();
