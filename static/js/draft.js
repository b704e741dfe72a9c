// What was typed outlives a session that ended meanwhile: it waits in this tab while its person signs in again, and any
// other page forgets it. data-draft names what is kept; confirmations aren't: they are to be given for what is seen then.
// form.dataset.kept tells a form's own script of it, where there is more to it than to fill in what is empty.
(() => {
    "use strict";

    const KEY = "draft";
    const form = document.querySelector("form[data-draft]");

    function keep() {
        const names = form.dataset.draft.split(" ");
        const typed = [...new FormData(form)].filter(([name]) => names.includes(name));
        sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, typed }));
    }

    try {
        const kept = JSON.parse(sessionStorage.getItem(KEY));
        sessionStorage.removeItem(KEY);
        if (!form) return;
        if (kept?.path === location.pathname) {
            for (const [name, value] of kept.typed) form.elements[name].value ||= value;
            form.dataset.kept = JSON.stringify(kept.typed);
        }
        window.addEventListener("pagehide", keep);
    } catch { /* no storage in this browser: nothing is kept */ }
})();
