/* Tells the server which time zone the reader is in: from the next page on, times are told in it. */
(() => {
    "use strict";

    const YEAR = 31536000; // seconds
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const pair = `zone=${zone}`;
    if (!zone || document.cookie.split("; ").includes(pair)) return;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${pair}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
})();
