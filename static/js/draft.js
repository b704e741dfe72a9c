// What was typed is there again after Back, and after signing in again: it waits in this tab, for the same person. Another
// page leaves it behind, so a form that is opened from there is empty.
//
// Every form that sends something (method="post") is kept. data-draft names the fields to keep where they aren't simply
// those that a person can fill in; such a form shows what was kept in fields that are as they came, also when its address is
// opened again. In all others what the person had changed is put back, and nothing else: what others have changed meanwhile stays
// as it is. Passwords, files and confirmations are never kept: they are to be given for what is seen then.
// form.dataset.kept hands it to a form's own script, where there is more to it than to fill in what is empty.
(() => {
    "use strict";

    const KEY = "drafts"; // address -> {typed, user, isLeft}
    const MOST = 20; // forms that are remembered
    const forms = [...document.querySelectorAll("main form[method=post]")];
    const own = forms.find((form) => form.dataset.draft);
    const never = "[type=hidden], [type=file], [type=password], [name=acknowledged]";
    const { user, login } = document.body.dataset;
    // With its query: one path can show other rows under the same numbers. It changes while the page is shown, as lists do.
    const here = () => location.pathname + location.search;
    const isAnswered = "answered" in document.body.dataset; // a refused form, as it was sent
    const cameFromSignIn = document.referrer && new URL(document.referrer).pathname === login;
    const cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    let drafts = {};
    let asServed = "";
    let isForgotten = false;

    function typedInOwn() {
        const names = own.dataset.draft.split(" ");
        return [...new FormData(own)].filter(([name]) => names.includes(name));
    }

    const isTick = (control) => control.matches("[type=checkbox], [type=radio]");

    function isChanged(control) {
        if (isTick(control)) return control.checked !== control.defaultChecked;
        if (control.matches("select:not([multiple])")) {
            const options = [...control.options];
            return options.length > 0 && !(options.find((each) => each.defaultSelected) ?? options[0]).selected;
        }
        if (control.matches("select")) return [...control.options].some((each) => each.selected !== each.defaultSelected);
        return control.value !== control.defaultValue;
    }

    function fillable(form) {
        return [...form.elements].filter((each) => each.name && each.matches("input, select, textarea") && !each.matches(never));
    }

    function changedIn(form) {
        return fillable(form).filter(isChanged).map((each) => ({
            action: form.action, name: each.name, value: each.value, checked: isTick(each) ? each.checked : null,
        }));
    }

    function store() {
        sessionStorage.setItem(KEY, JSON.stringify(Object.fromEntries(Object.entries(drafts).slice(-MOST))));
    }

    function keep() {
        const typed = own ? typedInOwn() : forms.flatMap(changedIn);
        const isTyped = own ? isAnswered || JSON.stringify(typed) !== asServed : typed.length > 0;
        if (isForgotten || !isTyped) return;
        drafts[here()] = { typed, user, isLeft: false };
        store();
    }

    function set(control, property, value) {
        if (control[property] === value) return false;
        control[property] = value;
        const changed = control instanceof RadioNodeList ? [...control].find((each) => each.checked) : control;
        changed?.dispatchEvent(new Event("change", { bubbles: true }));
        return true;
    }

    // One that a person hasn't filled in. Several of one name, and what is hidden, are the form's own script's.
    function isOpen(field) {
        if (field instanceof RadioNodeList) return [...field].every((each) => each.type === "radio" && !isChanged(each));
        if (field instanceof HTMLSelectElement) return !isChanged(field);
        return field instanceof HTMLElement && field.type !== "hidden" && field.value === field.defaultValue;
    }

    function putBackOwn(typed) {
        own.dataset.kept = JSON.stringify(typed);
        const empty = typed.filter(([name, value]) => value && isOpen(own.elements[name]));
        return empty.map(([name, value]) => set(own.elements[name], "value", value)).includes(true);
    }

    function putBack(typed) {
        const controls = forms.flatMap(fillable);
        let isDifferent = false;
        for (const { action, name, value, checked } of typed) {
            const alike = controls.filter((each) => each.form.action === action && each.name === name);
            const ticked = alike.find((each) => isTick(each) && each.value === value);
            if (ticked && checked !== null) isDifferent = set(ticked, "checked", checked) || isDifferent;
            else if (alike.length === 1 && !isTick(alike[0])) isDifferent = set(alike[0], "value", value) || isDifferent;
        }
        return isDifferent;
    }

    function forget() {
        isForgotten = true;
        sessionStorage.removeItem(KEY);
    }

    // Also for a form's own script, which puts back more.
    function announce() {
        const template = document.getElementById("kept");
        if (!template) return;
        const notice = template.content.firstElementChild;
        template.remove(); // it is said once
        notice.querySelector(cameFromSignIn ? "[data-otherwise]" : "[data-after-sign-in]").remove();
        notice.querySelector("button").addEventListener("click", () => {
            isForgotten = true;
            location.assign(here());
        });
        document.getElementById("main").prepend(notice);
    }

    function restore() {
        const kept = drafts[here()];
        const isWanted = cameBack || cameFromSignIn || own;
        const isFor = kept && kept.user === user && isWanted && (cameBack || !kept.isLeft) && !isAnswered;
        // Browsers that fill in fields by themselves after Back did so already.
        if (own && !isFor) asServed = JSON.stringify(typedInOwn());
        if (!isAnswered) delete drafts[here()];
        store();
        if (isFor && (own ? putBackOwn(kept.typed) : putBack(kept.typed))) announce();
        window.addEventListener("pagehide", keep);
    }

    window.announceKept = announce;
    try {
        drafts = JSON.parse(sessionStorage.getItem(KEY)) ?? {};
        for (const address of Object.keys(drafts)) drafts[address].isLeft ||= address !== here();
        store();
        document.querySelector("form[data-sign-out]")?.addEventListener("submit", forget);
        if (forms.length) restore();
    } catch { /* no storage in this browser: nothing is kept */ }
})();
