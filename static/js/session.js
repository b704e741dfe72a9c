// Five minutes before a sign-in ends, every page says so, and offers to stay.
//
// Only the server knows when that is: a person who does something in another tab prolongs it for all. So a page asks
// before it says anything, and goes on asking while it does; asking prolongs nothing. Tabs let each other know what was
// done, so that the notice goes everywhere at once. #session is a live region that is filled once, so that a screen reader
// says it once; the time in it is that of the end, and doesn't count down.
(() => {
    "use strict";

    const WARNING = 300; // seconds before the end
    const ASK_AGAIN = 10; // seconds, while the notice is shown
    const LONGEST = 2 ** 31 - 1; // a browser's timers overflow beyond so many milliseconds

    const region = document.getElementById("session");
    const tabs = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;
    let timer = 0;
    let before = null; // what had the focus before the notice's button


    function later(seconds) {
        clearTimeout(timer);
        timer = setTimeout(ask, Math.min(Math.max(seconds, 1) * 1000, LONGEST));
    }

    async function ask() {
        try {
            const answer = await fetch(region.dataset.address, { headers: { "X-Automatic-Refresh": "1" } });
            if (answer.status === 401) return clear(); // it has ended; live.js says so
            heed(await answer.json());
        } catch {
            later(ASK_AGAIN);
        }
    }

    function heed({ seconds_left: left, at_most: most }) {
        if (left > WARNING) {
            clear();
            later(left - WARNING);
            return;
        }
        const at = timeOfDay(Date.now() + left * 1000, { hour: "2-digit", minute: "2-digit" });
        if (left >= most) show(`You signed in ${region.dataset.longestHours} hours ago, so you will be signed out at ${at}, whatever you do. What you type in a form is kept while you sign in again.`);
        else show(`You will be signed out at ${at}, since nothing was done for almost an hour.`, "Stay signed in");
        later(Math.min(ASK_AGAIN, left));
    }

    function show(text, label = "") {
        if (region.dataset.said) return;
        region.dataset.said = text;
        const notice = Object.assign(document.createElement("div"), { className: "notice tone-warning" });
        const shape = Object.assign(document.createElement("span"), { className: "shape hourglass" });
        shape.setAttribute("aria-hidden", "true");
        notice.append(shape, Object.assign(document.createElement("p"), { textContent: text }));
        if (label) {
            // Whoever sees it sees where the button is.
            const where = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` “${label}” is at the top of this page.` });
            notice.querySelector("p").append(where);
            const button = Object.assign(document.createElement("button"), { type: "button", className: "button primary", textContent: label });
            button.addEventListener("click", () => stay(button));
            notice.append(button);
        }
        region.replaceChildren(notice);
    }

    function clear() {
        const hadFocus = region.contains(document.activeElement);
        delete region.dataset.said;
        region.replaceChildren();
        if (hadFocus) (before?.isConnected ? before : document.getElementById("main")).focus();
    }

    async function stay(button) {
        const body = new URLSearchParams({ csrfmiddlewaretoken: document.querySelector("[name=csrfmiddlewaretoken]").value });
        try {
            const answer = await fetch(region.dataset.address, { method: "POST", body, redirect: "manual" });
            if (!answer.ok) throw new Error("refused");
            heed(await answer.json());
            tabs?.postMessage("done");
        } catch {
            button.textContent = "Try again: that did not reach the server";
        }
    }

    region.addEventListener("focusin", (event) => { before = event.relatedTarget ?? before; });
    document.addEventListener("visibilitychange", () => { if (!document.hidden && region.dataset.said) ask(); });
    tabs?.addEventListener("message", () => { if (region.dataset.said) ask(); });
    tabs?.postMessage("done"); // this page was opened, which is something done
    later(Number(region.dataset.secondsLeft) - WARNING);
})();
