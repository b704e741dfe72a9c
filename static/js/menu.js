// <details class="menu"> closes like a menu: at Escape, which goes back to its button, and at a click elsewhere. A link to
// something in a closed one, from a summary of errors for instance, opens it first.
(() => {
    "use strict";

    const opened = () => document.querySelectorAll("details.menu[open]");

    function targetOf(event) {
        const hash = event.target.closest?.("a[href^='#']")?.hash;
        return hash ? document.getElementById(hash.slice(1)) : null;
    }

    document.addEventListener("click", (event) => {
        const target = targetOf(event);
        for (const menu of opened()) if (!menu.contains(event.target) && !menu.contains(target)) menu.open = false;
        for (let folded = target?.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    });
    document.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        for (const menu of opened()) {
            const hadFocus = menu.contains(document.activeElement);
            menu.open = false;
            if (hadFocus) menu.querySelector("summary").focus();
        }
    });
})();
