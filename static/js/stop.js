// The emergency stop: finds a scope by its name, and the button says how much it stops.
(() => {
    "use strict";

    const form = document.getElementById("stop-form");
    if (!form) return; // no reason stops a campaign

    const find = document.getElementById("find-scope");
    const button = form.querySelector("[data-verb]");
    const impact = document.getElementById("stop-impact");
    const scopes = [...form.querySelectorAll(".scope")];
    const numbers = new Intl.NumberFormat("en");
    const count = (number, what) => `${numbers.format(number)} ${what}${number === 1 ? "" : "s"}`;

    function say() {
        const chosen = form.querySelector("[name=scope]:checked");
        if (!chosen) return;
        button.textContent = `Stop ${count(Number(chosen.dataset.campaigns), "campaign")}`;
        impact.textContent = `${count(Number(chosen.dataset.calls), "call")} in progress`;
    }

    function narrow() {
        const wanted = find.value.trim().toLowerCase();
        for (const scope of scopes) {
            const label = scope.querySelector(".scope-label").textContent.toLowerCase();
            scope.hidden = !label.includes(wanted);
        }
        for (const group of form.querySelectorAll(".scope-group")) group.hidden = !group.querySelector(".scope:not([hidden])");
        document.getElementById("no-scope").hidden = scopes.some((scope) => !scope.hidden);
    }

    // Enter takes the first that is found, and never sends the form from here.
    function take(event) {
        if (event.key !== "Enter" && event.key !== "ArrowDown") return;
        event.preventDefault();
        const first = scopes.find((scope) => !scope.hidden)?.querySelector("input");
        if (!first) return;
        first.checked = true;
        say();
        (event.key === "Enter" ? button : first).focus();
    }

    find.closest("[hidden]").hidden = false;
    find.addEventListener("input", narrow);
    find.addEventListener("keydown", take);
    form.addEventListener("change", say);
    window.addEventListener("pageshow", say);
    say();
    const refused = document.querySelector("#problems [role=alert]");
    if (!refused) (form.querySelector("[name=scope]:checked") ? button : find).focus({ preventScroll: true });
})();
