/* Tells the server which time zone the reader is in: from the next page on, times are told in it. And writes times of
   the day as the server does, with the zone's short name: 14:03:20 EST, or 19:48:20 UTC+5:45 where it has none. */
(() => {
    "use strict";

    const YEAR = 31536000; // seconds
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

    // Browsers know a short name only in the English of a country where that zone is used; elsewhere they write GMT-5.
    const ENGLISH = ["en-US", "en-GB", "en-AU"];
    const nameIn = (language, at) => new Intl.DateTimeFormat(language, { timeZoneName: "short" })
        .formatToParts(at).find((part) => part.type === "timeZoneName").value;

    window.timeOfDay = (at, parts = { hour: "2-digit", minute: "2-digit", second: "2-digit" }) => {
        const names = ENGLISH.map((language) => nameIn(language, at));
        const name = names.find((each) => !/^GMT[+-]/.test(each)) ?? names[0].replace("GMT", "UTC");
        return `${new Date(at).toLocaleTimeString("en-GB", parts)} ${name}`;
    };

    const pair = `zone=${zone}`;
    if (!zone || document.cookie.split("; ").includes(pair)) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${pair}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
})();
