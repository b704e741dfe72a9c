// The tab's title: what somebody should know before they look at the tab stands before the page's own title.
//
// tabTitle.set("ends", "(1) Rejected")   what ended of one's own; "" takes it away again
// tabTitle.set("findings", "(3)")        how many findings are open; the server has written that of the page as it was sent
(() => {
    "use strict";

    const [, sent, own] = document.title.match(/^(?:(\(\d+\)) )?(.*)$/);
    const parts = { findings: sent };

    window.tabTitle = {
        set(name, text) {
            parts[name] = text;
            const page = [parts.findings, own].filter(Boolean).join(" ");
            document.title = [parts.ends, page].filter(Boolean).join(" · ");
        },
    };
})();
