/*
Keys of one letter, as the dialog #keys lists them, which is asked for when it is wanted first. They do nothing while
somebody types, while a dialog is open, or when they are switched off there (kept for the device).

data-key="p"         on a link or button: this key presses it, or where that would change something at once, goes to it.
                     In a row of a list: only while the row has the focus.
data-keys-search     the field that / goes to.
tr[id^="row-"]       rows that j and k go through, as tr[data-record]; the first link in one opens it.
*/
(() => {
    "use strict";

    const OFF = "letter-keys-off";
    const PATIENCE = 1500; // ms between g and the letter after it
    const address = document.getElementById("find").dataset.keys;
    let asked = null; // the dialog, once it has been asked for
    let afterG = 0;

    function isOff() {
        try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
    }

    function keep({ target }) {
        try {
            if (target.checked) localStorage.removeItem(OFF);
            else localStorage.setItem(OFF, "1");
        } catch { /* it holds for this page only */ }
    }

    async function ask() {
        const answer = await fetch(address, { headers: { "HX-Request": "true" } });
        if (!answer.ok || answer.headers.has("HX-Redirect")) throw new Error(`The keys were answered with ${answer.status}.`);
        document.body.insertAdjacentHTML("beforeend", await answer.text());
        const dialog = document.getElementById("keys");
        const box = dialog.querySelector("#letter-keys");
        box.checked = !isOff();
        box.addEventListener("change", keep);
        dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
        return dialog;
    }

    function dialogOnce() {
        asked ??= ask().catch((error) => {
            asked = null;
            throw error;
        });
        return asked;
    }

    // Where the dialog can't be had, the page of the same address says why, or has the keys.
    const withDialog = (act) => dialogOnce().then(act, () => location.assign(address));

    const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
    const isTyping = (target) => Boolean(target.closest?.(TYPED));
    const ROW = "tr:is([id^='row-'], [data-record])";
    const rows = () => [...document.querySelectorAll(`main ${ROW}`)].filter((row) => row.getClientRects().length);
    const rowAt = () => document.activeElement?.closest?.(ROW) ?? null;
    const linkOf = (row) => row.querySelector("th a, td a");

    function step(by) {
        const all = rows();
        if (!all.length) return false;
        const now = all.indexOf(rowAt());
        const next = now < 0 ? all[by > 0 ? 0 : all.length - 1] : all[now + by];
        if (next) {
            linkOf(next)?.focus({ preventScroll: true });
            next.scrollIntoView({ block: "nearest" });
        }
        return true;
    }

    function meant(key) {
        const named = `[data-key="${CSS.escape(key)}"]`;
        const places = [`main ${named}:not(tr *)`, `#toasts ${named}`];
        const found = [rowAt()?.querySelector(named), ...places.map((place) => document.querySelector(place))];
        return found.find((each) => each && !each.disabled && each.getClientRects().length);
    }

    function press(key) {
        const found = meant(key);
        if (!found) return false;
        if (found.form?.method === "post") found.focus();
        else found.click();
        return true;
    }

    function search() {
        const field = document.querySelector("[data-keys-search]") ?? document.querySelector("main input[type=search]");
        if (!field) return false;
        field.focus();
        field.select();
        return true;
    }

    function go(key) {
        withDialog((dialog) => {
            const link = dialog.querySelector(`[data-go-key="${CSS.escape(key)}"]`);
            if (link) location.assign(link.href);
        });
        return true;
    }

    // A reason by its number, where a form offers some.
    function chooseReason(number) {
        const reasons = [...document.querySelectorAll("main form [type=radio][name=reason]")];
        const chosen = reasons.filter((each) => each.getClientRects().length)[number - 1];
        if (!chosen) return false;
        chosen.click();
        chosen.focus();
        return true;
    }

    function act(key) {
        if (Date.now() < afterG) {
            afterG = 0;
            return go(key);
        }
        if (key === "g") {
            afterG = Date.now() + PATIENCE;
            dialogOnce().catch(() => {}); // it knows where the letters lead to
            return true;
        }
        if (key === "j") return step(1);
        if (key === "k") return step(-1);
        if (key === "/") return search();
        if (key === "x") return select();
        if (/^[1-9]$/.test(key)) return chooseReason(Number(key));
        if (key === "?") {
            showKeys();
            return true;
        }
        return press(key);
    }

    function select() {
        const mark = rowAt()?.querySelector("[type=checkbox]");
        if (!mark) return false;
        mark.click();
        return true;
    }

    function pressed(event) {
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isOff()) return;
        if (isTyping(event.target) || document.querySelector("dialog[open]") || event.key.length !== 1) return;
        if (act(event.key)) event.preventDefault();
    }

    document.addEventListener("keydown", pressed);
    window.showKeys = () => withDialog((dialog) => dialog.showModal());
})();
