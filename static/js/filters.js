// form[data-apply-on-change]: a filter that is applied as soon as one of its fields changes. The focus is on that field again
// when the narrowed page is there. Without this script its button applies it.
(() => {
    "use strict";

    const KEY = "filter-focus";
    const form = document.querySelector("form[data-apply-on-change]");
    if (!form) return;

    form.addEventListener("change", (event) => {
        // What is empty says nothing, and only makes the address longer.
        for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
        try { sessionStorage.setItem(KEY, `${location.pathname} ${event.target.id}`); } catch { /* the focus is lost then */ }
        form.requestSubmit();
        for (const field of form.elements) field.disabled = false;
    });

    try {
        const [path, id] = (sessionStorage.getItem(KEY) ?? "").split(" ");
        sessionStorage.removeItem(KEY);
        if (path === location.pathname && id) document.getElementById(id)?.focus();
    } catch { /* no storage in this browser */ }
})();
