/*
Pages that refresh themselves, and that say so when they can't.

data-live="5"        on an element with an id, hx-get and hx-trigger="refresh": it is refreshed every 5 s while the tab is seen.
                     data-live="choice" takes the interval that the person chose in [data-live-choice].
data-alone="15"      the same, but only while nothing else on the page refreshes itself.
data-age="12"        text that counts on from 12 s, in the words of the template filter `span`. An answer without a body tells
                     the age again in its X-Data-Age. data-waits: it counts how long something waits, which that says nothing of.
body.unrefreshed     set while what the page shows is older than it should be; #live-trouble says why.
*/
(() => {
    "use strict";

    const PATIENCE = 3; // intervals without an answer
    const SHORTEST_PATIENCE = 15;
    const PATIENCE_WHEN_OFF = 60;
    const EAGER = 3; // seconds after opening, in which what changes every second is looked at more often
    const KEY = "refresh-seconds";

    const trouble = document.getElementById("live-trouble");
    const choice = document.querySelector("[data-live-choice]");
    const tried = new Map(); // element id -> when it was last refreshed
    const asking = new WeakSet(); // elements that this script ever refreshed
    const incomplete = new WeakSet(); // elements that lack something that the server thinks they have
    const ages = new WeakMap(); // element -> the moment that its age counts from
    const opened = Date.now();
    let lastGood = opened;
    let failing = false;
    let signedOut = false;

    const seconds = () => (Date.now() - lastGood) / 1000;

    function span(age) {
        if (age < 60) return `${Math.floor(age)} s`;
        if (age < 3600) return `${Math.floor(age / 60)} min`;
        if (age < 172800) return `${Math.floor(age / 3600)} h`;
        return `${Math.floor(age / 86400)} days`;
    }

    function interval(element) {
        const every = element.dataset.live ?? element.dataset.alone;
        return Number(every === "choice" ? (choice ? choice.value : 5) : every);
    }

    function living() {
        const live = document.querySelectorAll("[data-live]");
        return [...(live.length ? live : document.querySelectorAll("[data-alone]"))];
    }

    function isDue(element) {
        const every = interval(element);
        const eager = every <= 1 && Date.now() - opened < EAGER * 1000 ? 4 : 1;
        return every > 0 && Date.now() >= (tried.get(element.id) || lastGood) + (every * 1000) / eager;
    }

    function refresh(element) {
        if (!isDue(element) || element.classList.contains("htmx-request")) return;
        tried.set(element.id, Date.now());
        asking.add(element);
        htmx.trigger(element, "refresh");
    }

    function countOn(element) {
        if (!ages.has(element)) ages.set(element, Date.now() - Number(element.dataset.age) * 1000);
        const text = span((Date.now() - ages.get(element)) / 1000);
        setText(element.firstChild, text);
    }

    // An element that was patched kept its place, and has the age that the server just sent.
    function countFromNow(event) {
        const patched = event.detail.target ?? event.target;
        for (const element of patched.querySelectorAll("[data-age]")) ages.delete(element);
    }

    function rejuvenate(age) {
        const from = Date.now() - age * 1000;
        for (const element of document.querySelectorAll("[data-age]:not([data-waits])")) {
            ages.set(element, Math.max(ages.get(element) || 0, from));
        }
    }

    // Notices are on every page, also on one whose own part hasn't changed.
    function compareNotices(version) {
        const shown = document.getElementById("notices");
        if (version === null || !shown || shown.dataset.version === version) return;
        htmx.trigger("#freshness", "refresh");
    }

    // The link comes first: on a small screen, what is behind two lines is cut off.
    function say(text, label, address, rest = "") {
        if (trouble.dataset.said === text + rest) return;
        trouble.dataset.said = text + rest;
        trouble.replaceChildren();
        if (!text) return;
        const notice = document.createElement("div");
        notice.className = "notice tone-bad";
        const shape = document.createElement("span");
        shape.className = "shape alert";
        const words = document.createElement("p");
        words.textContent = `${text} `;
        if (label) {
            const link = document.createElement("a");
            link.href = address;
            link.textContent = label;
            words.append(link, rest && ` ${rest}`);
        }
        notice.append(shape, words);
        trouble.append(notice);
    }

    function judge(live) {
        const every = Math.max(...live.map(interval));
        const patience = every ? Math.max(PATIENCE * every, SHORTEST_PATIENCE) : PATIENCE_WHEN_OFF;
        const old = signedOut || failing || seconds() > patience;
        document.body.classList.toggle("unrefreshed", old);
        const at = timeOfDay(lastGood);
        if (signedOut) {
            const back = encodeURIComponent(location.pathname + location.search);
            say("You are signed out.", "Sign in again", `${document.body.dataset.login}?next=${back}`, `This page is from ${at}.`);
        } else if (failing) {
            say(`Not refreshed since ${at}. Still trying; what you see may have changed.`);
        } else if (old && !every) {
            say("Refreshing is off.", "Refresh now", location.href, `This page is from ${at}.`);
        } else {
            say("");
        }
    }

    function tick() {
        const live = living();
        if (!document.hidden && !signedOut && !document.documentElement.hasAttribute("data-sending")) live.forEach(refresh);
        judge(live);
        document.querySelectorAll("[data-age]").forEach(countOn);
    }

    // A page that has rows with a version each says which, and gets the others.
    function tellRows(event) {
        const { elt, headers } = event.detail;
        const rows = [...elt.querySelectorAll("tr[data-v]")];
        if (!asking.has(elt) || !rows.length) return;
        elt.rowsTold = rows.map((row) => row.id);
        if (incomplete.has(elt)) event.detail.path = event.detail.path.replace(/([?&])seen=[^&]*/, "$1");
        else headers["X-Rows"] = rows.map((row) => row.dataset.v).join(",");
        incomplete.delete(elt);
    }

    // Something was left out that isn't here: all of it is wanted, at once.
    function askForAll(event) {
        incomplete.add(event.target);
        tried.set(event.target.id, 0);
    }

    function answered(event) {
        const { requestConfig, xhr, successful } = event.detail;
        // It may not be live any more by now, and once it is replaced, `detail.elt` is its parent.
        if (!asking.has(requestConfig.elt)) return;
        failing = !successful;
        signedOut = xhr.status === 401;
        if (successful) {
            lastGood = Date.now();
            const age = xhr.getResponseHeader("X-Data-Age");
            if (age && xhr.status === 204) rejuvenate(Number(age));
            compareNotices(xhr.getResponseHeader("X-Notices"));
        }
        tick();
    }

    function offerChoice() {
        choice.value = recall() ?? choice.value;
        choice.closest("[hidden]").hidden = false;
        choice.addEventListener("change", () => {
            try { localStorage.setItem(KEY, choice.value); } catch { /* it holds for this page only */ }
            tried.clear();
            tick();
        });
    }

    function recall() {
        try {
            const kept = localStorage.getItem(KEY);
            return [...choice.options].some((option) => option.value === kept) ? kept : null;
        } catch {
            return null;
        }
    }

    if (choice) offerChoice();
    document.body.addEventListener("htmx:configRequest", tellRows);
    document.body.addEventListener("patch:incomplete", askForAll);
    document.body.addEventListener("htmx:oobAfterSwap", countFromNow);
    document.body.addEventListener("htmx:afterSwap", countFromNow);
    document.body.addEventListener("htmx:afterRequest", answered);
    document.addEventListener("visibilitychange", tick);
    setInterval(tick, 250);
    tick();
})();
