/*
Refreshing changes what has changed and leaves the rest alone: hx-swap="patch", hx-swap-oob="patch".

A replaced element takes focus, marked text and the pointer's target with it, and Chromium scrolls after what it lost. So an
element that is still wanted stays the same element. Children with an id are paired by it, wherever they went; the others by
their order. Give an id to whatever can move among its siblings or come and go between others that look like it.

Two things are left as the person put them: which <details> are open, and what was typed or ticked. A box whose value
changed stands for something else, so it is a new box.

data-same     on a received element: the page has it already, as it should be. It only says where it belongs.
data-told     on a time of the page: its words are counted on (times.js), and stay while the moment is the same.
data-own      on an element of the page: a script fills it, and no refresh changes what is in it.
data-steady   on the parent of rows: see order.js.
*/
(() => {
    "use strict";

    const TEXT = 3; // Node.TEXT_NODE
    const ELEMENT = 1; // Node.ELEMENT_NODE
    const ALIKE = 2;
    const EQUAL = 3; // counts more than alike, less than two that are

    let isIncomplete = false; // something was left out as already there, and isn't

    // Only the part that differs is replaced, so what is marked in the rest of a text stays marked.
    function setText(node, text) {
        const old = node.data;
        if (old === text) return;
        const shorter = Math.min(old.length, text.length);
        let start = 0;
        while (start < shorter && old[start] === text[start]) start += 1;
        let end = 0;
        while (end < shorter - start && old.at(-1 - end) === text.at(-1 - end)) end += 1;
        node.replaceData(start, old.length - start - end, text.slice(start, text.length - end));
    }

    function isSameBox(old, wanted) {
        if (old.nodeName !== "INPUT" || !["checkbox", "radio"].includes(wanted.type)) return true;
        return old.type === wanted.type && old.value === wanted.value;
    }

    function alike(old, wanted) {
        if (old.nodeName !== wanted.nodeName) return false;
        return old.nodeType !== ELEMENT || (old.id === wanted.id && isSameBox(old, wanted));
    }

    // The heaviest pairs that both lists have in the same order; weigh(a, b) is 0 for those that are no pair.
    function inCommon(before, after, weigh) {
        const best = Array.from({ length: before.length + 1 }, () => new Array(after.length + 1).fill(0));
        const weights = before.map((old) => after.map((wanted) => weigh(old, wanted)));
        for (let i = before.length - 1; i >= 0; i -= 1) {
            for (let j = after.length - 1; j >= 0; j -= 1) {
                const paired = weights[i][j] && weights[i][j] + best[i + 1][j + 1];
                best[i][j] = Math.max(paired, best[i + 1][j], best[i][j + 1]);
            }
        }
        const pairs = [];
        for (let i = 0, j = 0; i < before.length && j < after.length;) {
            if (weights[i][j] && best[i][j] === weights[i][j] + best[i + 1][j + 1]) pairs.push([before[i++], after[j++]]);
            else if (best[i][j] === best[i + 1][j]) i += 1;
            else j += 1;
        }
        return pairs;
    }

    function weighAlike(old, wanted) {
        if (!alike(old, wanted)) return 0;
        return old.isEqualNode(wanted) ? EQUAL : ALIKE;
    }

    // Wanted child -> the child that becomes it.
    function pair(before, after) {
        const byId = new Map(before.filter((node) => node.id).map((node) => [node.id, node]));
        const mates = new Map(
            inCommon(before.filter((node) => !node.id), after.filter((node) => !node.id), weighAlike).map(([old, wanted]) => [wanted, old]),
        );
        for (const wanted of after) {
            const old = wanted.id && byId.get(wanted.id);
            if (old && alike(old, wanted)) mates.set(wanted, old);
        }
        return mates;
    }

    // A node that moves loses its marks and its focus, so those at hand stay and the others move around them. Of the others, as
    // many as possible stay, too.
    function staying(before, after, hand) {
        let fixed = before;
        for (const point of hand) {
            const pin = fixed.find((node) => node.contains(point));
            if (!pin) continue;
            const isBefore = (list, node) => list.indexOf(node) < list.indexOf(pin);
            fixed = fixed.filter((node) => node === pin || isBefore(before, node) === isBefore(after, node));
        }
        const order = after.filter((node) => fixed.includes(node));
        return new Set(inCommon(fixed, order, (one, other) => Number(one === other)).map(([node]) => node));
    }

    const isLeftOut = (node) => node.nodeType === ELEMENT && "same" in node.dataset;

    function withoutMissing(wanted, mates) {
        const found = wanted.filter((node) => mates.has(node) || !isLeftOut(node));
        isIncomplete ||= found.length < wanted.length;
        return found;
    }

    function patchChildren(parent, model, hand) {
        if ("steady" in parent.dataset && holdOrder(parent, model, (old, wanted) => patchNode(old, wanted, hand))) return;
        let after = [...model.childNodes];
        const mates = pair([...parent.childNodes], after);
        after = withoutMissing(after, mates);
        const kept = after.map((wanted) => mates.get(wanted)).filter(Boolean);
        for (const old of [...parent.childNodes]) {
            if (!kept.includes(old)) old.remove();
        }
        const before = [...parent.childNodes];
        const isSorted = before.every((node, index) => node === kept[index]);
        const still = isSorted ? new Set(before) : staying(before, kept, hand);
        let next = parent.firstChild;
        for (const wanted of after) {
            const old = mates.get(wanted);
            if (old && (old === next || still.has(old))) next = old.nextSibling;
            else parent.insertBefore(old ?? wanted, next);
            if (old) patchNode(old, wanted, hand);
        }
    }

    function patchAttributes(old, wanted) {
        const isLeft = (name) => name === "open" && old.nodeName === "DETAILS";
        for (const { name } of [...old.attributes]) {
            if (!wanted.hasAttribute(name) && !isLeft(name)) old.removeAttribute(name);
        }
        for (const { name, value } of wanted.attributes) {
            if (old.getAttribute(name) !== value && !isLeft(name)) old.setAttribute(name, value);
        }
    }

    // A moment that times.js tells in words of its own, which are still right.
    const isCounted = (old, wanted) => "told" in old.dataset && old.dateTime === wanted.dateTime;

    function patchNode(old, wanted, hand) {
        if (old.nodeType !== ELEMENT) {
            if (old.nodeType === TEXT) setText(old, wanted.data);
            return;
        }
        if (isLeftOut(wanted) || "own" in old.dataset || isCounted(old, wanted) || old.isEqualNode(wanted)) return;
        patchAttributes(old, wanted);
        patchChildren(old, wanted, hand);
    }

    // Where the person is: both ends of what is marked, the focus, the pointer.
    function handOn() {
        const marked = getSelection();
        const ends = marked.isCollapsed ? [] : [marked.anchorNode, marked.focusNode];
        const pointed = [...document.querySelectorAll(":hover")].at(-1);
        return [...ends, document.activeElement, pointed].filter(Boolean);
    }

    function patch(target, wanted, change = patchNode) {
        const focused = document.activeElement;
        isIncomplete = false;
        change(target, wanted, handOn());
        // It had to move, since the mark stayed.
        if (focused.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
        // It went from one list to another, where it is another element.
        if (!focused.isConnected && focused.id) document.getElementById(focused.id)?.focus({ preventScroll: true });
        if (isIncomplete) target.dispatchEvent(new CustomEvent("patch:incomplete", { bubbles: true }));
    }

    // <tr data-same="3-9">: the rows that the page had at those places when it asked, each of which is named now.
    function nameRanges(wanted, told) {
        for (const range of wanted.querySelectorAll("[data-same]:not([id])")) {
            const [first, last] = range.dataset.same.split("-").map(Number);
            range.replaceWith(...told.slice(first, last + 1).map((id) => Object.assign(range.cloneNode(), { id })));
        }
    }

    htmx.defineExtension("patch", {
        isInlineSwap: (style) => style === "patch",
        handleSwap(style, target, fragment, settling) {
            if (style !== "patch") return false;
            const wanted = fragment.firstElementChild;
            nameRanges(wanted, target.rowsTold ?? []);
            if (!alike(target, wanted)) {
                target.replaceWith(wanted);
                return [wanted];
            }
            patch(target, wanted);
            settling.tasks.push(() => htmx.process(target)); // it may ask at another address now
            return true;
        },
    });
    window.setText = setText;
    window.countInOrder = (before, after) => inCommon(before, after, (one, other) => Number(one === other)).length;
    window.patchRows = (parent, model) => patch(parent, model, patchChildren);
})();
