// Windows added, removed and copied without a page load, in the same way as the server does it for those without scripts.
// What is found in them comes from the server as the person types; here it only reaches the inputs that it is about.
(() => {
    "use strict";

    const form = document.getElementById("schedule");
    const fields = document.getElementById("fields");
    const list = document.getElementById("windows");
    const blank = document.getElementById("blank").content.firstElementChild;
    const said = document.getElementById("said");
    const trouble = document.getElementById("check-trouble");
    const from = document.getElementById("copy_from");
    const to = document.getElementById("copy_to");
    const names = new Map([...from.options].map((option) => [option.value, option.text]));
    const days = [...names.keys()];
    const asked = new WeakMap(); // request -> the edition of the rows that it asks about
    let edition = 0;

    const rows = () => [...list.children];
    const dayOf = (row) => row.querySelector("[name=day]").value;
    const place = (row) => (days.indexOf(dayOf(row)) + days.length + 1) % (days.length + 1);

    function number(row, index) {
        for (const control of row.querySelectorAll("[data-label]")) {
            if (!control.matches("button")) control.id = `window-${index}-${control.name}`;
            control.setAttribute("aria-label", `${control.dataset.label} ${index + 1}`);
            if (control.matches("button")) control.value = `remove-${index}`;
            else control.setAttribute("aria-describedby", `${control.matches("input") ? "times-help " : ""}findings-${index}`);
        }
        row.querySelector(".findings").id = `findings-${index}`;
        for (const input of row.querySelectorAll("input:not([type=hidden])")) input.inputMode = "numeric"; // typed_time.js puts in the colon
    }

    function settle(words) {
        edition += 1;
        rows().forEach(number);
        said.textContent = words;
        htmx.trigger(fields, "recheck");
    }

    // origin: which window of CXone's it was; the server takes from there what isn't shown here.
    function make(day, start = "", end = "", origin = "") {
        const row = blank.cloneNode(true);
        if (!names.has(day)) row.querySelector("select").prepend(new Option(day, day));
        row.querySelector("select").value = day;
        row.querySelector("[name=start]").value = start;
        row.querySelector("[name=end]").value = end;
        row.querySelector("[name=origin]").value = origin;
        return row;
    }

    function add() {
        const last = list.lastElementChild;
        const row = make(days[last ? (days.indexOf(dayOf(last)) + 1) % days.length : 0]);
        list.append(row);
        rows().forEach(number); // not checked yet: it is still to be filled in
        row.querySelector("select").focus();
        said.textContent = `Window ${list.children.length} added.`;
    }

    function remove(row) {
        const index = rows().indexOf(row);
        row.remove();
        settle(`Window ${index + 1} removed, ${list.children.length} left.`);
        const next = list.children[index] ?? list.lastElementChild;
        (next?.querySelector("button") ?? document.getElementById("add")).focus();
    }

    function copy() {
        const targets = { weekdays: days.slice(0, 5), all: days }[to.value] ?? [to.value];
        const others = targets.filter((day) => day !== from.value);
        const copied = rows().filter((row) => dayOf(row) === from.value);
        if (!copied.length || !others.length) {
            said.textContent = copied.length ? "There is no other day to copy to." : `${names.get(from.value)} has no window to copy.`;
            return;
        }
        const kept = rows().filter((row) => !others.includes(dayOf(row)));
        const times = copied.map((row) => ["start", "end"].map((name) => row.querySelector(`[name=${name}]`).value));
        const made = others.flatMap((day) => times.map(([start, end]) => make(day, start, end)));
        list.replaceChildren(...[...kept, ...made].sort((a, b) => place(a) - place(b)));
        settle(`${names.get(from.value)} copied to ${to.selectedOptions[0].text}; there are ${list.children.length} windows now.`);
    }

    function mark() {
        for (const row of rows()) {
            const wrong = (row.querySelector(".findings").dataset.wrong ?? "").split(" ");
            for (const control of row.querySelectorAll("select, input")) {
                control.toggleAttribute("aria-invalid", false);
                if (wrong.includes(control.name)) control.setAttribute("aria-invalid", "true");
            }
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
        const unread = (origin) => list.querySelector(`.is-unread [name=origin][value="${CSS.escape(origin)}"]`)?.closest("li");
        const bring = (day, index) => unread(all("origin")[index]) ?? make(day, all("start")[index], all("end")[index], all("origin")[index]);
        list.replaceChildren(...all("day").map(bring));
        for (const box of form.querySelectorAll("[name=condition]")) box.checked = all("condition").includes(box.value);
        announceKept();
        settle("What you typed before is here again.");
    }

    form.addEventListener("click", (event) => {
        const button = event.target.closest("button[name=do]");
        if (!button) return;
        event.preventDefault();
        if (button.value === "add") add();
        else if (button.value === "copy") copy();
        else remove(button.closest("li"));
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
    rows().forEach(number);
    document.addEventListener("DOMContentLoaded", restore); // htmx listens since just before, and asks for the check only from then on
})();
