// The bar under the head: a notice that comes while the page is open is spoken once, whatever else about it changes later.
// Its panel closes as menus do: by Escape, and by a click elsewhere.
(() => {
    "use strict";

    const bar = document.getElementById("notice-bar");
    const spoken = document.getElementById("notices-said");
    const heard = new Set();

    function speak() {
        const fresh = [...bar.querySelectorAll("details [data-notice]")].filter(({ dataset }) => !heard.has(dataset.notice));
        for (const { dataset } of fresh) heard.add(dataset.notice);
        return fresh.map((notice) => notice.querySelector("p").textContent.trim().replace(/\s+/g, " ")).join(" ");
    }

    function close(event) {
        const panel = document.getElementById("more-notices");
        if (!panel?.open) return;
        if (event.key === "Escape") panel.querySelector("summary").focus();
        else if (event.type === "keydown" || panel.contains(event.target)) return;
        panel.open = false;
    }

    speak(); // what stands on the page as it opens is read with it
    document.body.addEventListener("htmx:afterSettle", () => {
        const words = speak();
        if (words) spoken.textContent = words;
    });
    document.addEventListener("keydown", close);
    document.addEventListener("click", close);
})();
