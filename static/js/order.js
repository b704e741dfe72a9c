/*
The order of a live table stands still while somebody is in it: the pointer, the focus, marked text or a ticked row.

data-steady    on the parent of rows, with an id. While it is in use, a refresh changes what its rows say and nothing else:
               rows that are no longer among them stay, greyed; new ones wait; none moves.
data-order-of  the line, in space of its own, that says how many changes wait, with the button that makes them. They are made
               by themselves, too, soon after the hand has left.
data-one-hand  around several of them, one above the other: whoever is in one is in all.
*/
(() => {
    "use strict";

    const REST = 3000; // ms between the hand's leaving and the rows' moving
    const waiting = new Map(); // parent of rows -> what is to become of them

    function isInUse(parent) {
        const table = parent.closest("[data-one-hand]") ?? parent.closest("table") ?? parent;
        const marked = getSelection();
        // New rows of an empty table move nothing.
        if (!parent.firstElementChild) return false;
        return table.matches(":hover")
            || table.contains(document.activeElement)
            || (!marked.isCollapsed && marked.getRangeAt(0).intersectsNode(table))
            || parent.querySelector("input[type=checkbox]:checked") !== null;
    }

    const lineOf = (parent) => document.querySelector(`[data-order-of="${parent.id}"]`);

    function show(parent, count) {
        const line = lineOf(parent);
        if (!line) return;
        const words = count === 1 ? "1 change in order" : `${count} changes in order`;
        // Whoever pressed the button with a key still has the focus on it.
        line.querySelector("[data-count]").textContent = count ? words : "The order is up to date";
        // Spoken once, when the first change waits: how many there are by now isn't worth an interruption.
        const spoken = line.querySelector("[role=status]");
        if (!count) spoken.textContent = "";
        else if (!spoken.textContent) spoken.textContent = "The order of the rows has changed. It is kept while you are among them; Apply is below.";
        line.toggleAttribute("data-waiting", count > 0);
    }

    function forget(parent) {
        waiting.delete(parent);
        show(parent, 0);
    }

    function mark(row, hasLeft) {
        row.classList.toggle("has-left", hasLeft);
        if (hasLeft) row.title = "No longer among these rows. It leaves when the order is applied.";
        else row.removeAttribute("title");
    }

    function countChanges(shown, order) {
        const kept = shown.filter((id) => order.includes(id));
        const staying = countInOrder(kept, order);
        return (shown.length - kept.length) + (order.length - staying);
    }

    // True: the table is in use, and this is all that is done to it now.
    window.holdOrder = (parent, model, patchRow) => {
        if (!isInUse(parent)) {
            forget(parent);
            for (const row of parent.children) mark(row, false);
            return false;
        }
        const rows = new Map([...parent.children].map((row) => [row.id, row]));
        const order = [...model.children].map((row) => row.id);
        const coming = new Map();
        for (const wanted of [...model.children]) {
            const row = rows.get(wanted.id);
            if (row) patchRow(row, wanted);
            else coming.set(wanted.id, wanted);
        }
        for (const [id, row] of rows) mark(row, !order.includes(id));
        const count = countChanges([...rows.keys()], order);
        if (count) waiting.set(parent, { order, coming, usedAt: Date.now() });
        else waiting.delete(parent);
        show(parent, count);
        return true;
    };

    // The rows as they are wanted: those that are shown already are only named.
    function modelOf(parent, { order, coming }) {
        const model = parent.cloneNode();
        for (const id of order) {
            const stub = document.createElement(parent.firstElementChild?.nodeName ?? "tr");
            stub.id = id;
            stub.dataset.same = "";
            model.append(coming.get(id) ?? stub);
        }
        return model;
    }

    function apply(parent) {
        const wanted = waiting.get(parent);
        forget(parent);
        if (!wanted || !parent.isConnected) return;
        const model = modelOf(parent, wanted);
        delete parent.dataset.steady;
        patchRows(parent, model);
        parent.dataset.steady = "";
        htmx.process(parent);
        parent.dispatchEvent(new CustomEvent("order:applied", { bubbles: true }));
    }

    function watch() {
        const now = Date.now();
        for (const [parent, wanted] of waiting) {
            if (isInUse(parent)) wanted.usedAt = now;
            else if (now - wanted.usedAt >= REST) apply(parent);
        }
    }

    document.addEventListener("click", (event) => {
        const line = event.target.closest?.("[data-order-of] button")?.closest("[data-order-of]");
        if (line) apply(document.getElementById(line.dataset.orderOf));
    });
    setInterval(watch, 250);
})();
