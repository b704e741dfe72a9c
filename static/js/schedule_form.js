// Windows added, removed and copied without a page load, in the same way as the server does it for those without scripts.
// What is found in them comes from the server as the person types; here it only reaches the inputs that it is about.
(() => {
    "use strict";

    const form = document.getElementById("schedule");
    const fields = document.getElementById("fields");
    const blank = document.getElementById("blank").content.firstElementChild;
    const said = document.getElementById("said");
    const trouble = document.getElementById("check-trouble");
    const groups = [...form.querySelectorAll("[data-day]")];
    const days = groups.map((group) => group.dataset.day).filter((day) => day !== "other");
    const targets = { weekdays: days.slice(0, 5), all: days };
    const asked = new WeakMap(); // request -> the edition of the rows that it asks about
    let edition = 0;

    const groupOf = (day) => groups.find((group) => group.dataset.day === day);
    const listOf = (day) => document.getElementById(`windows-${day}`);
    const nameOf = (day) => groupOf(day).querySelector(".day-name").textContent.replace(/\s+/g, "");
    const rows = () => [...form.querySelectorAll("li.window")];
    const rowsOf = (day) => [...listOf(day).children];
    const valueIn = (row, name) => row.querySelector(`[name=${name}]`).value;

    // The numbers that the server counts by, and the names that screen readers say.
    function number() {
        rows().forEach((row, index) => {
            const list = row.parentElement;
            const day = list.id.replace("windows-", "");
            const place = [...list.children].indexOf(row) + 1;
            const whose = day === "other" ? "Other" : nameOf(day);
            for (const control of row.querySelectorAll("[data-label]")) {
                const label = control.dataset.label;
                if (label === "remove") {
                    control.id = control.value = `remove-${index}`;
                    control.setAttribute("aria-label", `Remove ${whose}${place > 1 ? ` window ${place}` : ""}`);
                    continue;
                }
                control.id = `window-${index}-${label}`;
                control.setAttribute("aria-describedby", `times-help findings-${day}`);
                if (label === "day") control.setAttribute("aria-label", `Day of window ${place}`);
                else control.setAttribute("aria-label", `${whose} ${label}${place > 1 ? `, window ${place}` : ""}`);
            }
        });
    }

    function settle(words) {
        edition += 1;
        number();
        said.textContent = words;
        htmx.trigger(fields, "recheck");
    }

    // origin: which window of CXone's it was; the server takes from there what isn't shown here.
    function make(day, start = "", end = "", origin = "") {
        const row = blank.cloneNode(true);
        const values = { day, start, end, origin };
        for (const name of Object.keys(values)) row.querySelector(`[name=${name}]`).value = values[name];
        return row;
    }

    function add(day) {
        const row = make(day);
        listOf(day).append(row);
        edition += 1;
        number(); // not checked yet: it is still to be filled in
        row.querySelector("[name=start]").focus();
        said.textContent = `Window added on ${nameOf(day)}.`;
    }

    function remove(row) {
        const list = row.parentElement;
        const place = [...list.children].indexOf(row);
        const day = list.id.replace("windows-", "");
        row.remove();
        settle(day === "other" ? "Window removed." : `Window removed from ${nameOf(day)}, ${list.children.length || "none"} left.`);
        const next = list.children[place] ?? list.lastElementChild;
        (next?.querySelector("button") ?? document.getElementById(`add-${day}`) ?? document.getElementById("windows")).focus();
    }

    function copy(source, target, label) {
        const times = rowsOf(source).map((row) => [valueIn(row, "start"), valueIn(row, "end")]);
        const others = (targets[target] ?? [target]).filter((day) => day !== source);
        for (const day of others) listOf(day).replaceChildren(...times.map(([start, end]) => make(day, start, end)));
        settle(`${nameOf(source)} copied to ${label}.`);
    }

    // The inputs that findings name.
    function mark() {
        const wrong = [...fields.querySelectorAll("[data-wrong]")].flatMap((found) => found.dataset.wrong.split(" "));
        for (const control of form.querySelectorAll(".window :is(select, input:not([type=hidden]))")) {
            control.toggleAttribute("aria-invalid", false);
            if (wrong.includes(control.id)) control.setAttribute("aria-invalid", "true");
        }
    }

    function tell(words, link = "", address = "") {
        trouble.hidden = !words;
        trouble.lastElementChild.textContent = `${words} `;
        if (!link) return;
        trouble.lastElementChild.append(Object.assign(document.createElement("a"), { href: address, textContent: link }));
    }

    // What draft.js kept while its person signed in again, what it started from included: that decides what they changed.
    function restore() {
        const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload";
        if (!form.dataset.kept || "answered" in document.body.dataset || isReload) return;
        const kept = JSON.parse(form.dataset.kept);
        const all = (name) => kept.filter(([each]) => each === name).map(([, value]) => value);
        form.elements.base.value = all("base")[0];
        form.elements.timezone.value = all("timezone")[0];
        const odd = rowsOf("other");
        for (const group of groups) listOf(group.dataset.day).replaceChildren();
        all("day").forEach((day, index) => {
            const origin = all("origin")[index];
            if (days.includes(day)) listOf(day).append(make(day, all("start")[index], all("end")[index], origin));
            else listOf("other").append(...odd.filter((row) => valueIn(row, "origin") === origin));
        });
        for (const box of form.querySelectorAll("[name=condition]")) box.checked = all("condition").includes(box.value);
        announceKept();
        settle("What you typed before is here again.");
    }

    form.addEventListener("click", (event) => {
        const button = event.target.closest("button[name=do]");
        if (!button) return;
        const [verb, day, target] = button.value.split("-");
        event.preventDefault();
        if (verb === "add") add(day);
        else if (verb === "copy") copy(day, target, button.dataset.target);
        else if (verb === "remove") remove(button.closest("li"));
    });

    // A menu of days closes when the work goes on elsewhere, and by Escape.
    form.addEventListener("focusin", (event) => {
        for (const menu of form.querySelectorAll("details.copying[open]")) menu.open = menu.contains(event.target);
    });
    form.addEventListener("keydown", (event) => {
        const menu = event.key === "Escape" && event.target.closest("details.copying[open]");
        if (!menu) return;
        menu.open = false;
        menu.querySelector("summary").focus();
    });

    // All at once is each of them.
    form.addEventListener("change", (event) => {
        if (event.target.id !== "id_acknowledged") return;
        for (const box of form.querySelectorAll("[name=acknowledged]")) box.checked = event.target.checked;
    });

    // An answer about rows that have moved since would put findings beside the wrong ones; the next one is on its way.
    fields.addEventListener("htmx:beforeRequest", (event) => asked.set(event.detail.xhr, edition));
    document.body.addEventListener("htmx:beforeSwap", (event) => {
        if ((asked.get(event.detail.xhr) ?? edition) !== edition) event.detail.shouldSwap = false;
    });

    // Somebody who is signed out meanwhile isn't taken away from what is typed here.
    fields.addEventListener("htmx:beforeOnLoad", (event) => {
        if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
        event.preventDefault();
        const back = encodeURIComponent(location.pathname + location.search);
        tell("You are signed out, so nothing is checked. What you typed is kept.", "Sign in again", `${document.body.dataset.login}?next=${back}`);
    });
    fields.addEventListener("htmx:afterRequest", (event) => {
        if (event.detail.successful && !event.detail.xhr.getResponseHeader("HX-Redirect")) tell("");
    });
    for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
        fields.addEventListener(failure, () => tell("The check could not be made now. It is made again as you type on, and when you save."));
    }
    document.body.addEventListener("htmx:afterSettle", mark);
    number();
    document.addEventListener("DOMContentLoaded", restore); // htmx listens since just before, and asks for the check only from then on
})();
