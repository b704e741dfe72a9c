// A cursor over the timeline: a range input, which keyboards and screen readers know how to move, or the pointer. What it says
// is data that the page brought; the picture and the table are complete without it.
(() => {
    "use strict";

    const replay = document.querySelector("[data-replay]");
    const data = JSON.parse(document.getElementById("replay-data")?.textContent ?? "null");
    if (!replay || !data) return;

    const SVG = "http://www.w3.org/2000/svg";
    const last = data.times.length - 1;
    const NEAR = 100 / data.times.length; // percent of the width: one position
    const rows = [...replay.querySelectorAll(".lane-row")];
    const lines = rows.map((row) => row.querySelector(".lanes").appendChild(line()));
    const input = replay.appendChild(slider());
    const says = replay.appendChild(Object.assign(document.createElement("p"), { className: "replay-says", hidden: true }));
    says.ariaHidden = "true"; // the slider says the same
    document.getElementById("replay-keys").hidden = false;
    let chosen = 0;

    function line() {
        const made = document.createElementNS(SVG, "line");
        made.setAttribute("class", "cursor");
        made.setAttribute("y2", "56");
        made.setAttribute("visibility", "hidden");
        return made;
    }

    function slider() {
        const made = document.createElement("input");
        Object.assign(made, { type: "range", min: 0, max: last, value: last, className: "replay-cursor" });
        made.setAttribute("aria-label", "Moment on the timeline");
        return made;
    }

    // The nearest of the row's marks, if it is where the cursor is.
    function markAt(row, position) {
        const x = (100 * position) / data.times.length;
        const near = row.marks.filter((mark) => Math.abs(mark.at - x) <= NEAR);
        return near.sort((a, b) => Math.abs(a.at - x) - Math.abs(b.at - x))[0];
    }

    function words(position) {
        const row = data.rows[chosen];
        const calls = row.calls[position];
        const counted = calls === null ? "" : `, ${calls} ${calls === 1 ? "call" : "calls"}`;
        const mark = markAt(row, position);
        return `${data.times[position]} · ${row.name}: ${row.words[row.states[position]]}${counted}${mark ? ` · ${mark.words}` : ""}`;
    }

    function show() {
        const position = Number(input.value);
        const x = `${(100 * position) / data.times.length}%`;
        for (const each of lines) {
            each.setAttribute("x1", x);
            each.setAttribute("x2", x);
            each.setAttribute("visibility", "visible");
        }
        rows.forEach((row, number) => row.classList.toggle("is-chosen", number === chosen));
        says.textContent = words(position);
        says.hidden = false;
        input.setAttribute("aria-valuetext", says.textContent);
    }

    function hide() {
        if (document.activeElement === input) return;
        for (const each of lines) each.setAttribute("visibility", "hidden");
        for (const row of rows) row.classList.remove("is-chosen");
        says.hidden = true;
    }

    function press(event) {
        const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (step) {
            chosen = Math.min(Math.max(chosen + step, 0), rows.length - 1);
            rows[chosen].scrollIntoView({ block: "nearest" });
            event.preventDefault();
            show();
        }
        if (event.key === "Enter") {
            const mark = markAt(data.rows[chosen], Number(input.value));
            if (mark?.operation) location.assign(`/operations/${mark.operation}/`);
        }
    }

    function point(event) {
        const row = event.target.closest(".lane-row");
        if (!row) return;
        const box = row.querySelector(".lanes").getBoundingClientRect();
        const share = (event.clientX - box.left) / box.width;
        if (share < 0 || share > 1) return;
        chosen = rows.indexOf(row);
        input.value = Math.round(share * last);
        show();
    }

    input.addEventListener("input", show);
    input.addEventListener("focus", show);
    input.addEventListener("blur", hide);
    input.addEventListener("keydown", press);
    replay.addEventListener("pointermove", point);
    replay.addEventListener("pointerleave", hide);
})();
