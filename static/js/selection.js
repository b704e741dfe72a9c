/*
Selecting campaigns in the list: how many are selected, all on the page at once, and with Shift all from the last one on.

A tick belongs to a row that is seen, and a ticked row stays (order.js). Once it has left the page it is no longer
selected, and the person is told. Ticks are there again after Back. While something is selected, the bar with what to do
with it takes the toolbar's place, so that nothing moves.
*/
(() => {
    "use strict";

    const form = document.getElementById("selection");
    const bar = document.getElementById("selection-bar");
    if (!bar) return; // nothing that this person may do to several at once

    const KEY = "selected-campaigns";
    const said = document.getElementById("picked");
    const buttons = [...bar.querySelectorAll("[data-verb]")];
    const none = document.getElementById("pick-none");
    const page = document.getElementById("pick-page");
    const allBox = () => document.getElementById("pick-all"); // it comes and goes with the rows
    const address = () => location.pathname + location.search;
    const boxes = () => [...form.querySelectorAll("[name=id]")];
    let selected = new Set();
    let gone = 0; // of those that were selected, how many left the page
    let last = null;

    function sayHowMany() {
        const left = gone === 1 ? "1 that was selected is no longer on this page" : `${gone} that were selected are no longer on this page`;
        const text = gone ? `${selected.size} selected; ${left}` : `${selected.size} selected`;
        if (said.textContent !== text) said.textContent = text;
    }

    function show() {
        const found = boxes();
        selected = new Set(found.filter((box) => box.checked).map((box) => box.value));
        const all = allBox();
        if (all) {
            all.checked = selected.size > 0 && selected.size === found.length;
            all.indeterminate = selected.size > 0 && !all.checked;
        }
        // It stays for as long as it says that something has left.
        bar.closest(".bar").classList.toggle("picking", selected.size > 0 || gone > 0);
        for (const button of buttons) {
            const number = selected.size ? `${selected.size} ` : "";
            button.textContent = `${button.dataset.verb} ${number}selected`;
            button.disabled = selected.size === 0;
        }
        sayHowMany();
    }

    function select(chosen, checked) {
        for (const box of chosen) box.checked = checked;
        gone = 0;
        show();
    }

    function pick(event) {
        if (event.target.id === "pick-all") select(boxes(), event.target.checked);
        if (event.target.name !== "id") return;
        const found = boxes();
        const [from, to] = [found.indexOf(last), found.indexOf(event.target)].sort((one, other) => one - other);
        const range = event.shiftKey && from >= 0 ? found.slice(from, to + 1) : [];
        last = event.target;
        select(range, event.target.checked);
    }

    function refreshed() {
        const before = selected;
        const there = new Set(boxes().map((box) => box.value));
        gone += [...before].filter((id) => !there.has(id)).length;
        show();
    }

    function keep() {
        try { sessionStorage.setItem(KEY, JSON.stringify({ address: address(), ids: [...selected] })); } catch { /* no storage */ }
    }

    function restore() {
        const cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
        try {
            const kept = JSON.parse(sessionStorage.getItem(KEY));
            if (!cameBack || kept?.address !== address()) return;
            for (const box of boxes()) box.checked ||= kept.ids.includes(box.value);
        } catch { /* no storage: nothing was kept */ }
    }

    none.hidden = page.hidden = false;
    none.addEventListener("click", () => {
        select(boxes(), false);
        document.getElementById("q").focus();
    });
    page.addEventListener("click", () => select(boxes(), true));
    restore();
    show();
    form.addEventListener("click", pick); // a change event doesn't tell of Shift
    document.body.addEventListener("htmx:afterSwap", refreshed);
    document.body.addEventListener("order:applied", refreshed);
    window.addEventListener("pageshow", show); // the browser may have put ticks back
    window.addEventListener("pagehide", keep);
})();
