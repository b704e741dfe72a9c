/*
The list's side panel: one campaign, what it does now, and the form that pauses or resumes it.

A click on a row opens it, on nothing that is a control itself; Enter on a row's name, too. Escape closes it, and the focus is
on the row again. The address says panel=ID: Back closes it, a reload opens it again. On a small screen, and without this
script, a row leads to the campaign's page. Its upper part refreshes itself and never takes the focus; the form is left alone
while somebody is in it.
*/
(() => {
    "use strict";

    const panel = document.getElementById("panel");
    const CONTROLS = "a, button, input, label, summary, select, textarea";
    const WIDE = matchMedia("(min-width: 48rem)");
    let shown = "";
    let isSending = false;

    const rowOf = (id) => document.getElementById(`row-${id}`);
    const linkOf = (row) => row?.querySelector("th a");
    const idOf = (row) => row.id.slice("row-".length);
    const placeOf = (row) => linkOf(row).href;
    const wanted = () => new URL(location.href).searchParams.get("panel") ?? "";

    function addressWith(id) {
        const address = new URL(location.href);
        if (id) address.searchParams.set("panel", id);
        else address.searchParams.delete("panel");
        return address;
    }

    function mark() {
        for (const row of document.querySelectorAll(".in-panel")) row.classList.remove("in-panel");
        if (shown) rowOf(shown)?.classList.add("in-panel");
    }

    function show(html) {
        htmx.swap(panel, html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
        panel.hidden = false;
        document.body.classList.add("with-panel");
        mark();
    }

    function focusOn(id) {
        const changed = document.getElementById(id) ?? panel.querySelector("#panel-state");
        changed.focus();
    }

    function focusForm() {
        const first = panel.querySelector("#panel-form [autofocus], #panel-form [name=reason]:checked, #panel-form [name=reason]");
        (first ?? panel.querySelector("#panel-title"))?.focus();
    }

    async function load(id, { toForm = true } = {}) {
        const address = `${panel.dataset.address}${encodeURI(id).replace(/[?#]/g, encodeURIComponent)}/panel/`;
        const headers = { "HX-Request": "true" };
        const answer = await fetch(address, { headers }).catch(() => null);
        if (shown !== id) return; // another one was opened meanwhile
        if (!answer?.ok || answer.headers.has("HX-Redirect")) {
            location.assign(address.replace(/panel\/$/, ""));
            return;
        }
        show(await answer.text());
        if (toForm) focusForm();
    }

    function open(id, options) {
        shown = id;
        return load(id, options);
    }

    function close() {
        const row = rowOf(shown);
        shown = "";
        panel.hidden = true;
        panel.replaceChildren();
        document.body.classList.remove("with-panel");
        mark();
        (linkOf(row) ?? document.getElementById("main")).focus({ preventScroll: true });
    }

    function openRow(row) {
        if (!WIDE.matches) {
            location.assign(placeOf(row));
            return;
        }
        const id = idOf(row);
        history[shown ? "replaceState" : "pushState"]({ panel: id }, "", addressWith(id));
        open(id);
    }

    // Back, if that is where it was opened from.
    function leave() {
        if (history.state?.panel) history.back();
        else {
            history.replaceState(null, "", addressWith(""));
            close();
        }
    }

    function follow() {
        const id = wanted();
        if (id && id !== shown) open(id);
        else if (!id && shown) close();
    }

    function clicked(event) {
        const row = event.target.closest?.("#campaign-rows tr");
        if (!row || event.target.closest(CONTROLS) || !getSelection().isCollapsed) return;
        openRow(row);
    }

    function pressed(event) {
        if (event.key === "Escape" && shown && !event.defaultPrevented && !document.querySelector("dialog[open], details.menu[open]")) leave();
        const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
        const link = event.target.closest?.("#campaign-rows th a");
        if (event.key !== "Enter" || !isPlain || !link || !WIDE.matches) return;
        event.preventDefault();
        openRow(link.closest("tr"));
    }

    async function send(event) {
        const form = event.target;
        event.preventDefault();
        if (isSending) return;
        isSending = true;
        const id = shown;
        const button = form.querySelector("button.primary") ?? form.querySelector("button");
        button.setAttribute("aria-disabled", "true");
        button.textContent = "Sending…";
        const headers = { "HX-Request": "true", "X-Panel": "1" };
        const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers, redirect: "manual" }).catch(() => null);
        isSending = false;
        const isDialing = form.matches("[data-dialing-form]");
        const isUsable = answer && !answer.headers.has("HX-Redirect") && (answer.ok || (isDialing && [409, 422].includes(answer.status)));
        if (!isUsable) {
            form.submit(); // the same key: it is one operation, whichever of the two arrives
            return;
        }
        const said = await answer.text();
        if (answer.ok) refreshRest();
        if (shown !== id) return;
        if (isDialing) showAnswer(said, answer.ok);
        else await showChange(form.closest(".notice[id]")?.id, said);
    }

    function showAnswer(html, isDone) {
        show(html);
        if (!isDone) focusForm();
        else focusOn("panel-newest");
    }

    // What was decided about a finding, or cancelled: the focus is on it, or if it is gone, on what the campaign does.
    async function showChange(id, said) {
        await load(shown, { toForm: false });
        panel.querySelector("#panel-said").textContent = said;
        focusOn(id);
    }

    // Rows and tray need not wait for their time.
    function refreshRest() {
        for (const id of ["rows", "tray"]) htmx.trigger(`#${id}`, "refresh");
    }

    // It begins where the head and the notices end, which are seen as far as the page isn't scrolled.
    function place() {
        const { bottom } = document.querySelector(".notice-bar").getBoundingClientRect();
        panel.style.top = `${Math.max(0, bottom)}px`;
    }

    // The form is for a state that the campaign is no longer in.
    function renewForm() {
        mark();
        const live = document.getElementById("panel-live");
        const form = document.getElementById("panel-form");
        if (!shown || !live || live.dataset.action === form.dataset.form || form.contains(document.activeElement)) return;
        load(shown, { toForm: false });
    }

    document.addEventListener("click", clicked);
    document.addEventListener("keydown", pressed);
    panel.addEventListener("submit", send);
    panel.addEventListener("click", (event) => {
        if (!event.target.closest("[data-panel-close], [data-form-cancel]")) return;
        event.preventDefault();
        leave();
    });
    document.body.addEventListener("htmx:afterSettle", renewForm);
    window.addEventListener("popstate", follow);
    window.addEventListener("scroll", place, { passive: true });
    window.addEventListener("resize", place);
    place();
    if (WIDE.matches) follow();
})();
