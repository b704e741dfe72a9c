// What waits, in the menu and at the begin of the tab's title, follows the notices under the head: how many findings are
// open, and how many requests wait for the reader's approval.
(() => {
    "use strict";

    const notices = document.getElementById("notices");

    function show() {
        const { findings = 0, approvals = 0 } = notices.dataset;
        tabTitle.set("findings", Number(findings) ? `(${findings})` : "");
        for (const count of document.querySelectorAll("[data-count]")) {
            count.textContent = { findings, approvals }[count.dataset.count];
            count.hidden = !Number(count.textContent);
        }
    }

    const watched = { attributes: true, attributeFilter: ["data-findings", "data-approvals"] };
    if (notices) new MutationObserver(show).observe(notices, watched);
})();
