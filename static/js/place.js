/*
Leads back to the list as it was left: its filters, order and page. What was looked at last is remembered in the tab.

data-shown      on the list: its contents in words, such as "the 5 in Alaska".
data-to-list    on a link to the list elsewhere: its words become "Back to the 5 in Alaska", but with "same-words".
*/
(() => {
    "use strict";

    const KEY = "list";
    const LIST = "/campaigns/";
    const shown = document.querySelector("[data-shown]");

    function recall() {
        try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; }
    }

    function keep() {
        const list = { query: location.search, words: shown.dataset.shown };
        try { sessionStorage.setItem(KEY, JSON.stringify(list)); } catch { /* the links lead to the whole list */ }
    }

    function leadBack(list) {
        for (const link of document.querySelectorAll(`a[href="${LIST}"]:is(nav a, [data-to-list])`)) {
            link.href = LIST + list.query;
            if (link.dataset.toList === "") link.textContent = `Back to ${list.words}`;
        }
    }

    if (shown) {
        keep();
        return;
    }
    const list = recall();
    if (!list?.words) return;
    leadBack(list);
    document.body.addEventListener("htmx:afterSwap", () => leadBack(list));
})();
