// On the sign-in page: says that what was typed is kept, where draft.js has kept it for the form that signing in leads to.
(() => {
    "use strict";

    const words = document.querySelector("[data-kept-for]");
    if (!words) return;
    try {
        const drafts = JSON.parse(sessionStorage.getItem("drafts")) ?? {};
        const form = new URL(words.dataset.keptFor, location.href);
        words.hidden = !(form.pathname + form.search in drafts);
    } catch { /* no storage in this browser: nothing is kept, and nothing is said of it */ }
})();
