// A cursor over the charts' periods: by mouse, by touch, and by a range input, which is what keyboards and screen readers
// know how to move. What it tells of a period is read from the chart's own table, so that both always say the same.
// One period is pointed at in all charts at once; the chart that is in use tells of it.
(() => {
    "use strict";

    const SVG = "http://www.w3.org/2000/svg";
    const box = (name) => Object.assign(document.createElement("div"), { className: name });
    const charts = [...document.querySelectorAll(".chart")].map(prepare);

    function prepare(section) {
        const bands = section.querySelector(".bands");
        const table = section.querySelector("table");
        const chart = {
            bands,
            rows: [...table.tBodies[0].rows],
            labels: [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent),
            plots: [...bands.querySelectorAll(".plot")],
            lines: [],
        };
        chart.lines = chart.plots.map((plot) => plot.appendChild(line()));
        chart.input = bands.appendChild(slider(section, chart.rows.length));
        chart.reach = bands.appendChild(box("reach"));
        chart.tip = bands.appendChild(box("tip"));
        chart.tip.hidden = true;
        chart.tip.ariaHidden = "true"; // the slider says the same
        say(chart, tell(chart, chart.rows.length - 1));
        listen(chart);
        return chart;
    }

    function line() {
        const made = document.createElementNS(SVG, "line");
        made.setAttribute("class", "cursor");
        made.setAttribute("y2", "100%");
        made.setAttribute("visibility", "hidden");
        return made;
    }

    function slider(section, periods) {
        const input = document.createElement("input");
        Object.assign(input, { type: "range", min: 0, max: periods - 1, value: periods - 1, className: "cursor-input" });
        input.setAttribute("aria-label", `${section.querySelector("h2").textContent}: period`);
        return input;
    }

    function listen(chart) {
        const { input, reach, tip } = chart;
        input.addEventListener("input", () => show(chart, input.valueAsNumber));
        input.addEventListener("focus", () => show(chart, input.valueAsNumber));
        input.addEventListener("blur", hide);
        input.addEventListener("keydown", (event) => {
            if (event.key === "Enter") location.assign(address(chart, input.valueAsNumber));
            if (event.key === "Escape") hide();
        });
        reach.addEventListener("pointermove", (event) => point(chart, event));
        reach.addEventListener("pointerdown", (event) => point(chart, event));
        reach.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hide(); });
        reach.addEventListener("click", (event) => {
            if (event.pointerType === "mouse") location.assign(address(chart, at(chart, event)));
            else tip.classList.add("pinned");
        });
    }

    const address = (chart, index) => chart.rows[index].querySelector("a").href;

    function at(chart, event) {
        const area = chart.plots[0].getBoundingClientRect();
        const share = (event.clientX - area.left) / area.width;
        return Math.min(Math.max(Math.floor(share * chart.rows.length), 0), chart.rows.length - 1);
    }

    function point(chart, event) {
        const index = at(chart, event);
        chart.input.valueAsNumber = index;
        show(chart, index, event.clientY - chart.bands.getBoundingClientRect().top);
    }

    function show(chart, index, top = 0) {
        for (const each of charts) {
            if (each !== chart) each.tip.hidden = true;
            for (const cursor of each.lines) place(cursor, `${((index + 0.5) / each.rows.length) * 100}%`);
        }
        const period = tell(chart, index);
        say(chart, period);
        fill(chart.tip, period, address(chart, index));
        settle(chart, index, top);
    }

    function place(cursor, x) {
        cursor.setAttribute("x1", x);
        cursor.setAttribute("x2", x);
        cursor.setAttribute("visibility", "visible");
    }

    function tell(chart, index) {
        const [head, ...cells] = chart.rows[index].cells;
        return { name: head.textContent, told: cells.map((cell, place) => [chart.labels[place], cell.textContent]) };
    }

    // A slider's text is spoken as it changes, so nothing else need announce it.
    function say({ input }, { name, told }) {
        input.setAttribute("aria-valuetext", `${name}: ${told.map(([label, value]) => `${label} ${value}`).join("; ")}`);
    }

    function fill(tip, { name, told }, href) {
        const list = document.createElement("dl");
        for (const [label, value] of told) {
            list.append(
                Object.assign(document.createElement("dt"), { textContent: label }),
                Object.assign(document.createElement("dd"), { textContent: value }),
            );
        }
        const link = Object.assign(document.createElement("a"), { href, textContent: "Show its records", tabIndex: -1 });
        const hint = Object.assign(document.createElement("small"), { textContent: "Click or Enter: its records" });
        tip.replaceChildren(Object.assign(document.createElement("strong"), { textContent: name }), list, hint, link);
        tip.classList.remove("pinned");
        tip.hidden = false;
    }

    // Beside the cursor, on the side that has room for it; never outside of the chart.
    function settle(chart, index, top) {
        const { bands, tip, plots, rows } = chart;
        const outer = bands.getBoundingClientRect();
        const area = plots[0].getBoundingClientRect();
        const x = area.left - outer.left + ((index + 0.5) / rows.length) * area.width;
        const beside = x + 12 + tip.offsetWidth <= outer.width ? x + 12 : x - 12 - tip.offsetWidth;
        const left = Math.min(Math.max(beside, 0), outer.width - tip.offsetWidth);
        tip.style.translate = `${left}px ${Math.min(Math.max(top - tip.offsetHeight / 2, 0), Math.max(outer.height - tip.offsetHeight, 0))}px`;
    }

    function hide() {
        for (const { tip, lines } of charts) {
            tip.hidden = true;
            for (const cursor of lines) cursor.setAttribute("visibility", "hidden");
        }
    }

    // What can be pointed at lies over all plots of a chart, and the slider over them too: a screen reader shows where it is.
    function fit() {
        for (const { bands, plots, reach, input } of charts) {
            const outer = bands.getBoundingClientRect();
            const first = plots[0].getBoundingClientRect();
            const last = plots.at(-1).getBoundingClientRect();
            for (const part of [reach, input]) {
                part.style.left = `${first.left - outer.left}px`;
                part.style.top = `${first.top - outer.top}px`;
                part.style.width = `${first.width}px`;
                part.style.height = `${last.bottom - first.top}px`;
            }
        }
    }

    function stamp() {
        const printed = document.getElementById("printed");
        const form = { dateStyle: "medium", timeStyle: "short", timeZone: printed.dataset.zone };
        printed.textContent = `${new Intl.DateTimeFormat("en-GB", form).format(new Date())} ${printed.dataset.zone}`;
    }

    window.addEventListener("beforeprint", stamp);
    if (!charts.length) return;
    document.getElementById("keys").hidden = false;
    document.addEventListener("pointerdown", (event) => { if (!event.target.closest(".bands")) hide(); });
    const watch = new ResizeObserver(fit);
    for (const { bands } of charts) watch.observe(bands);
})();
