// Times as people type them, shown as HH:MM once they leave the field: input[data-time]. The same rules as the server's
// (campaigns/schedule/typed_time.py), which has the last word; what can mean two things is left for it to ask about.
// data-time="end": midnight is the end of the day.
(() => {
    "use strict";

    const APART = /^(\d{1,2})(?:h|[:.h](\d{2}))?\s*(?:([ap])\.?\s?(?:m\.?)?)?$/;
    const TOGETHER = /^(\d{1,2})(\d{2})\s*(?:([ap])\.?\s?(?:m\.?)?)?$/;
    const DAY_END = /^24(?:h|[:.h]?00)?$/;
    const NOON_WORDS = ["noon", "midday", "12 noon"];
    const MIDNIGHT_WORDS = ["midnight", "12 midnight"];
    const EARLIEST_MORNING = 7;
    const LONGEST = 20; // characters of a time
    const NOON = 720;
    const DAY = 1440;

    const two = (number) => String(number).padStart(2, "0");
    const clock = (minutes) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

    function midnight(edge) {
        if (edge === "") return [0, DAY - 1];
        return [edge === "end" ? DAY : 0];
    }

    function onClock(plain, found) {
        const [hours, minutes, half] = [Number(found[1]), Number(found[2] ?? 0), found[3]];
        if (minutes > 59 || (half ? hours < 1 || hours > 12 : hours > 23)) return [];
        if (half) return [(hours % 12) * 60 + minutes + (half === "p" ? NOON : 0)];
        const isClear = /[:.h]/.test(plain) || found[1].length === 2 || hours === 0 || hours >= EARLIEST_MORNING;
        const time = hours * 60 + minutes;
        return isClear ? [time] : [time, time + NOON];
    }

    // What a typed time can mean, in minutes after midnight.
    function meanings(text, edge = "") {
        if ([...text].length > LONGEST) return [];
        const plain = text.normalize("NFKC").trim().toLowerCase();
        if (NOON_WORDS.includes(plain)) return [NOON];
        if (MIDNIGHT_WORDS.includes(plain)) return midnight(edge);
        if (edge === "end" && DAY_END.test(plain)) return [DAY];
        const found = APART.exec(plain) ?? TOGETHER.exec(plain);
        if (!found) return [];
        const possible = onClock(plain, found);
        return edge === "end" && possible.length === 1 && possible[0] === 0 ? [DAY] : possible;
    }

    // start: for an end, the typed start, which it comes after.
    function asClock(text, edge = "", start = "") {
        let found = meanings(text, edge);
        const begins = meanings(start, "start");
        if (found.length > 1 && begins.length === 1) {
            const later = found.filter((minutes) => minutes > begins[0]);
            if (later.length) found = later;
        }
        return found.length === 1 ? clock(found[0]) : text;
    }

    function startBefore(input) {
        const group = input.dataset.time === "end" && input.closest("[data-times]");
        return group ? group.querySelector("[data-time=start]").value : "";
    }

    document.addEventListener("change", (event) => {
        const input = event.target;
        if (!input.matches("input[data-time]")) return;
        const shown = asClock(input.value, input.dataset.time, startBefore(input));
        if (shown === input.value) return;
        input.value = shown;
        input.dispatchEvent(new Event("input", { bubbles: true })); // whoever checks what is typed checks this
    });
    window.asClock = asClock;
})();
