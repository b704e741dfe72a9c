/* Tells the server which time zone the reader is in: from the next page on, times are told in it. And writes times of
   the day as the server does, with the zone's short name: 14:03:20 EST, or 19:48:20 UTC+5:45 where it has none. */
(() => {
    "use strict";

    const YEAR = 31536000; // seconds

    function known(name) {
        try {
            return name && new Intl.DateTimeFormat("en-GB", { timeZone: name }) ? name : undefined;
        } catch {
            return undefined;
        }
    }

    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

    // Browsers know a short name only in the English of a country where that zone is used; elsewhere they write GMT-5.
    const ENGLISH = ["en-US", "en-GB", "en-AU"];
    // Chosen in the settings; undefined is the browser's own, as for a zone that it doesn't know.
    const chosen = known(document.body.dataset.zone);
    const nameIn = (language, at) => new Intl.DateTimeFormat(language, { timeZoneName: "short", timeZone: chosen })
        .formatToParts(at).find((part) => part.type === "timeZoneName").value;

    // On the clock that the reader has chosen: 17:03 or 5:03 PM.
    window.clockFor = (parts) => document.body.dataset.clock === "12"
        ? new Intl.DateTimeFormat("en-US", { timeZone: chosen, ...parts, hour: "numeric" })
        : new Intl.DateTimeFormat("en-GB", { timeZone: chosen, ...parts });

    // As the server writes a whole date: Sat 4 Jul 2026. Other kinds of English have "Sept".
    window.readersDay = (at) => {
        const parts = { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: chosen };
        const found = new Intl.DateTimeFormat("en-US", parts).formatToParts(new Date(at));
        return Object.keys(parts).map((name) => found.find((part) => part.type === name)?.value).filter(Boolean).join(" ");
    };

    window.timeOfDay = (at, parts = { hour: "2-digit", minute: "2-digit", second: "2-digit" }) => {
        const names = ENGLISH.map((language) => nameIn(language, at));
        const name = names.find((each) => !/^GMT[+-]/.test(each)) ?? names[0].replace("GMT", "UTC");
        return `${clockFor(parts).format(new Date(at)).replace("\u202f", "\u00a0")} ${name}`;
    };

    // Over TLS, a name that browsers accept from no other host in this one's domain.
    const [prefix, secure] = location.protocol === "https:" ? ["__Host-", "; Secure"] : ["", ""];
    const pair = `${prefix}zone=${zone}`;
    if (!zone || document.cookie.split("; ").includes(pair)) return;
    document.cookie = `${pair}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
})();
