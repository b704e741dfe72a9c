// What was typed outlives a session that ended meanwhile: it waits in this tab while its person signs in again, and any
// other page forgets it.
//
// Every form that sends something (method="post") is kept. data-draft names the fields to keep where they aren't simply
// those that a person can fill in; such a form shows what was kept in fields that are empty. In all others what the person
// had changed is put back, and nothing else: what others have changed meanwhile stays as it is. Passwords, files and
// confirmations are never kept: they are to be given for what is seen then.
// form.dataset.kept tells a form's own script of it, where there is more to it than to fill in what is empty.
(() => {
    "use strict";

    const KEY = "draft";
    const forms = [...document.querySelectorAll("main form[method=post]")];
    const own = forms.find((form) => form.dataset.draft);
    const never = "[type=hidden], [type=file], [type=password], [name=acknowledged]";
    const cameFromSignIn = document.referrer && new URL(document.referrer).pathname === document.body.dataset.login;

    function typedInOwn() {
        const names = own.dataset.draft.split(" ");
        return [...new FormData(own)].filter(([name]) => names.includes(name));
    }

    const isTick = (control) => control.matches("[type=checkbox], [type=radio]");

    function isChanged(control) {
        if (isTick(control)) return control.checked !== control.defaultChecked;
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

    function keep() {
        const typed = own ? typedInOwn() : forms.flatMap(changedIn);
        if (typed.length) sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, typed }));
    }

    function putBackOwn(typed) {
        for (const [name, value] of typed) own.elements[name].value ||= value;
        own.dataset.kept = JSON.stringify(typed);
    }

    function putBack(typed) {
        const controls = forms.flatMap(fillable);
        for (const { action, name, value, checked } of typed) {
            const alike = controls.filter((each) => each.form.action === action && each.name === name);
            const ticked = alike.find((each) => isTick(each) && each.value === value);
            if (ticked && checked !== null) ticked.checked = checked;
            else if (alike.length === 1 && !isTick(alike[0])) alike[0].value = value;
        }
    }

    try {
        const kept = JSON.parse(sessionStorage.getItem(KEY));
        sessionStorage.removeItem(KEY);
        if (!forms.length) return;
        if (kept?.path === location.pathname && own) putBackOwn(kept.typed);
        else if (kept?.path === location.pathname && cameFromSignIn) putBack(kept.typed);
        window.addEventListener("pagehide", keep);
    } catch { /* no storage in this browser: nothing is kept */ }
})();
