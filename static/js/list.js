/* The list's toolbar and stars. Without this, each of them is a form with a button. */
(() => {
    "use strict";

    document.documentElement.classList.add("scripted");
    const filters = document.getElementById("filters");
    const columns = document.querySelector("#columns ul");

    // Only what is chosen, also what was typed and not applied yet.
    function query() {
        const chosen = [...new FormData(filters)].filter(([name, value]) => value && !(name === "sort" && value === "urgency"));
        return new URLSearchParams(chosen).toString();
    }

    function address() {
        return query() ? `${filters.getAttribute("action")}?${query()}` : filters.getAttribute("action");
    }

    filters.addEventListener("submit", (event) => {
        event.preventDefault();
        location.assign(address());
    });
    filters.addEventListener("change", (event) => {
        if (event.target.matches("select")) location.assign(address());
    });
    // The cross in the field, and nothing but that.
    document.getElementById("q").addEventListener("search", (event) => {
        if (!event.target.value && event.target.defaultValue) location.assign(address());
    });

    // A view is saved with the name that stands in the field, whether or not the list follows it yet.
    document.addEventListener("submit", ({ target }) => {
        if (target.matches(".view-form")) target.elements.listed.value = query();
    });

    async function star(button) {
        const form = button.form;
        const data = new FormData(form, button);
        const headers = { "X-Requested-With": "script" };
        button.toggleAttribute("data-busy", true);
        const answer = await fetch(form.action, { method: "POST", body: data, headers, redirect: "manual" }).catch(() => null);
        button.toggleAttribute("data-busy", false);
        if (answer?.status !== 204) {
            button.setAttribute("data-by-form", "");
            form.requestSubmit(button); // it says what is wrong
        } else if (button.getAttribute("aria-pressed") === "true") {
            button.removeAttribute("aria-pressed");
        } else {
            button.setAttribute("aria-pressed", "true");
        }
    }

    document.addEventListener("click", (event) => {
        const button = event.target.closest?.(".star button");
        if (!button || button.hasAttribute("data-by-form")) return;
        event.preventDefault();
        if (!button.hasAttribute("data-busy")) star(button);
    });

    // A name that is cut off appears whole when the pointer rests on it.
    document.addEventListener("mouseover", (event) => {
        const link = event.target.closest?.("#campaign-rows .name");
        if (link) link.title = link.scrollWidth > link.clientWidth ? link.textContent : "";
    });

    // The order of columns is arranged here, and saved together with the rest.
    columns.addEventListener("click", (event) => {
        const button = event.target.closest("[name=earlier]");
        if (!button) return;
        event.preventDefault();
        const item = button.closest("li");
        item.previousElementSibling?.before(item);
        (item.previousElementSibling ? button : item.querySelector("input[type=checkbox]")).focus();
    });
})();
