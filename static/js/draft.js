// What was typed outlives a session that ended meanwhile: it waits in this tab while its person signs in again, and any
// other page forgets it. Confirmations aren't kept: they are to be given for what is seen then.
(() => {
    "use strict";

    const KEY = "draft";
    const form = document.querySelector("form[data-draft]");
    const fields = form ? [form.elements.reason, form.elements.note] : [];

    function keep() {
        const typed = Object.fromEntries(fields.map((field) => [field.name, field.value]));
        sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, typed }));
    }

    try {
        const kept = JSON.parse(sessionStorage.getItem(KEY));
        sessionStorage.removeItem(KEY);
        if (!form) return;
        if (kept?.path === location.pathname) {
            for (const field of fields) field.value ||= kept.typed[field.name];
        }
        window.addEventListener("pagehide", keep);
    } catch { /* no storage in this browser: nothing is kept */ }
})();
