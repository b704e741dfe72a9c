// Times as people type them, shown as HH:MM once they leave the field: input[data-time]. The same rules as the server's
// (campaigns/schedule/typed_time.py), which has the last word; what can mean two things is left for it to ask about.
(() => {
    "use strict";

    const APART = /^(\d{1,2})(?:h|[:.h](\d{2}))?\s*(?:([ap])\.?\s?(?:m\.?)?)?$/;
    const TOGETHER = /^(\d{1,2})(\d{2})\s*(?:([ap])\.?\s?(?:m\.?)?)?$/;
    const EARLIEST_MORNING = 7;
    const LONGEST = 20; // characters of a time

    const two = (number) => String(number).padStart(2, "0");

    function asClock(text) {
        if ([...text].length > LONGEST) return text;
        const plain = text.normalize("NFKC").trim().toLowerCase();
        if (plain === "noon" || plain === "midday") return "12:00";
        const found = APART.exec(plain) ?? TOGETHER.exec(plain);
        if (!found) return text;
        const [hours, minutes, half] = [Number(found[1]), Number(found[2] ?? 0), found[3]];
        if (minutes > 59 || (half ? hours < 1 || hours > 12 : hours > 23)) return text;
        if (half) return `${two((hours % 12) + (half === "p" ? 12 : 0))}:${two(minutes)}`;
        const isClear = /[:.h]/.test(plain) || found[1].length === 2 || hours === 0 || hours >= EARLIEST_MORNING;
        return isClear ? `${two(hours)}:${two(minutes)}` : text;
    }

    document.addEventListener("change", (event) => {
        if (!event.target.matches("input[data-time]")) return;
        const clock = asClock(event.target.value);
        if (clock === event.target.value) return;
        event.target.value = clock;
        event.target.dispatchEvent(new Event("input", { bubbles: true })); // whoever checks what is typed checks this
    });
    window.asClock = asClock;
})();
