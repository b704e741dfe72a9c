/*
Counts times that a page gives as moments, so that a row needs no refresh because a minute has passed.

<time data-until datetime="…">   to come: "in 2 h 26 min" within twelve hours. Before that, what the server wrote:
                                 that and the row's zone appear when the pointer rests on it.
<time data-ago datetime="…">     gone by: "3 min ago". The exact time appears when the pointer rests on it.
<time data-zone="…">             what clocks show in that zone now.
[data-head-age]                  as old as the head of the page says of all.

"Now" is the server's: data-now on an element says what its clock showed when the page was made.
*/
(() => {
    "use strict";

    const MINUTE = 60, HOUR = 3600, DAY = 86400; // seconds
    const NEAR = 12 * HOUR;
    const told = document.querySelector("[data-now]");
    const ahead = told ? Date.parse(told.dataset.now) - Date.now() : 0; // of this machine's clock, in ms
    const now = () => Date.now() + ahead;
    const written = new WeakMap(); // element -> what the server wrote, and at which moment that counts
    const clocks = new Map(); // zone -> what writes its time

    function span(seconds) {
        if (seconds < MINUTE) return `${Math.floor(seconds)} s`;
        if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
        if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
        return `${Math.floor(seconds / DAY)} days`;
    }

    // Rounded up: what closes in 20 s doesn't close in 0 min.
    function until(seconds) {
        const minutes = Math.ceil(seconds / MINUTE);
        if (minutes < 60) return `in ${minutes} min`;
        return minutes % 60 ? `in ${Math.floor(minutes / 60)} h ${minutes % 60} min` : `in ${minutes / 60} h`;
    }

    // What stands there now if another script or a refresh has put it there, it is the server's.
    function original(element) {
        const known = written.get(element);
        if (known && known.shown === element.textContent) return known;
        const fresh = { server: element.textContent, at: Date.parse(element.dateTime) };
        element.dataset.told = "";
        written.set(element, fresh);
        return fresh;
    }

    function show(element, known, text) {
        if (element.textContent !== text) element.firstChild.data = text;
        known.shown = text;
    }

    function count(element) {
        const known = original(element);
        const seconds = (known.at - now()) / 1000;
        if ("ago" in element.dataset) {
            show(element, known, `${span(Math.max(-seconds, 0))} ago`);
        } else if (seconds <= 0) {
            show(element, known, "now");
        } else {
            show(element, known, seconds < NEAR ? until(seconds) : known.server);
        }
    }

    function clockOf(zone) {
        if (!clocks.has(zone)) {
            try {
                clocks.set(zone, clockFor({ timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit" }));
            } catch {
                clocks.set(zone, null); // a zone that this browser doesn't know: its name stays there
            }
        }
        return clocks.get(zone);
    }

    function showClock(element) {
        const clock = clockOf(element.dataset.zone);
        if (!clock) return;
        element.title ||= element.textContent;
        const text = clock.format(now()).replace(",", "");
        if (element.textContent !== text) element.firstChild.data = text;
    }

    function tick() {
        document.querySelectorAll("time:is([data-until], [data-ago])").forEach(count);
        document.querySelectorAll("time[data-zone]").forEach(showClock);
        const age = document.querySelector("#freshness [data-age]")?.textContent;
        for (const element of document.querySelectorAll("[data-head-age]")) {
            if (age && element.textContent !== age) element.textContent = age;
        }
    }

    // Only when it is looked at: fifty of them in each page would be fifty lines that nobody reads.
    document.addEventListener("mouseover", (event) => {
        const element = event.target.closest?.("time:is([data-until], [data-ago])");
        if (!element) return;
        const day = readersDay(element.dateTime);
        if ("ago" in element.dataset) element.title = `${day} ${timeOfDay(Date.parse(element.dateTime))}`;
        else element.title = `${original(element).server} ${element.closest("tr")?.querySelector("th i")?.textContent ?? ""}`.trim();
    });
    document.body.addEventListener("htmx:afterSwap", tick);
    document.body.addEventListener("htmx:oobAfterSwap", tick);
    document.addEventListener("visibilitychange", tick);
    setInterval(tick, 1000);
    tick();
})();
