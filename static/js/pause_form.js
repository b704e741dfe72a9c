// Shows each confirmation only where it counts. Without this script both stand there, explained.
const form = document.querySelector("form.form");
const reason = form.elements.reason;
const drop = form.elements.drop_active_calls;

function reveal() {
    const overrides = reason.selectedOptions[0]?.hasAttribute("data-overrides");
    form.querySelector("[data-with-override]").hidden = !overrides;
    form.querySelector("[data-with-drop]").hidden = !drop.checked;
}

form.addEventListener("change", reveal);
window.addEventListener("pageshow", reveal); // the browser may have put back what was chosen before
reveal();
