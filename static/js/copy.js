/* [data-copy="<id>"]: a button that copies what the field of that id has. It stays hidden without scripts, and where the
   browser gives pages no clipboard (over http:// from another machine); then the field is copied by hand. */
(() => {
    "use strict";

    const TOLD_FOR_MS = 2000;

    async function copy(button) {
        const field = document.getElementById(button.dataset.copy);
        const said = button.parentElement.querySelector("[role=status]");
        try {
            await navigator.clipboard.writeText(field.value);
            said.textContent = "Copied";
        } catch {
            field.select();
            said.textContent = "The browser doesn’t allow it. Press Ctrl+C.";
        }
        setTimeout(() => { said.textContent = ""; }, TOLD_FOR_MS);
    }

    for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
        button.hidden = false;
        button.addEventListener("click", () => copy(button));
    }
})();
