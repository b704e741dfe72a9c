/* The wallboard: it keeps trying for as long as it hangs there, and says loudly when what it shows is old. */
(() => {
    "use strict";

    const EVERY = 5000; // ms between two refreshes
    const GIVE_UP = 10000; // ms for an answer
    const PATIENCE = 15000; // ms without an answer, after which it says so
    const GONE = 404;

    const { body } = document;
    const trouble = document.getElementById("wall-trouble");
    const clock = document.getElementById("wall-time");
    const button = document.getElementById("wall-sound");
    const zoned = new Intl.DateTimeFormat("en-GB", { timeZone: body.dataset.zone, timeStyle: "medium" });
    let ahead = Number(body.dataset.now) * 1000 - Date.now(); // of this screen's clock
    let lastGood = Date.now();
    let readAt = null; // when what is shown was read from CXone, by this screen's clock
    let isOver = false;
    let sound = null;

    const wall = () => document.getElementById("wall");

    function words(age) {
        if (age < 60) return `${Math.floor(age)} s`;
        if (age < 3600) return `${Math.floor(age / 60)} min`;
        return `${Math.floor(age / 3600)} h`;
    }

    function say(text) {
        if (trouble.textContent === text) return;
        trouble.textContent = text;
        trouble.hidden = !text;
        body.classList.toggle("unrefreshed", Boolean(text));
    }

    function noteAge(seconds) {
        readAt = seconds === "" || seconds === null || seconds === undefined ? null : Date.now() - Number(seconds) * 1000;
    }

    function tick() {
        if (isOver) return;
        clock.textContent = zoned.format(Date.now() + ahead);
        const shown = document.querySelector("[data-age]");
        if (shown && readAt !== null) shown.textContent = words((Date.now() - readAt) / 1000);
        const silent = Date.now() - lastGood;
        say(silent > PATIENCE ? `Not connected for ${words(silent / 1000)}. What this screen shows is old. It keeps trying.` : "");
    }

    function end() {
        isOver = true;
        wall().remove();
        document.querySelector(".wall-head").remove();
        say("This link no longer works. An admin can make another one, under Policy, Wallboard.");
    }

    // A page that can't be loaded would leave the screen with the browser's own message: first see that it can.
    async function reload() {
        const page = await ask(location.href);
        if (page.ok) location.reload();
    }

    async function ask(address) {
        return fetch(address, {
            cache: "no-store",
            credentials: "omit",
            redirect: "error",
            signal: AbortSignal.timeout(GIVE_UP),
        });
    }

    async function show(response) {
        const before = Number(wall().dataset.findings);
        const received = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("wall");
        if (!received) throw new Error("it isn’t the wallboard");
        wall().replaceWith(received);
        if (Number(received.dataset.findings) > before) beep();
    }

    async function refresh() {
        const response = await ask(`${body.dataset.live}?seen=${encodeURIComponent(wall().dataset.version)}`);
        if (response.status === GONE) return end();
        if (!response.ok) return undefined;
        if (response.status === 200) await show(response);
        noteAge(response.headers.get("X-Data-Age"));
        ahead = Number(response.headers.get("X-Now")) - Date.now();
        lastGood = Date.now();
        tick();
        return response.headers.get("X-Release") === body.dataset.release ? undefined : reload();
    }

    async function live() {
        // Whatever goes wrong, the next try comes.
        await refresh().catch(() => undefined);
        if (!isOver) setTimeout(live, EVERY);
    }

    function beep() {
        if (!sound) return;
        const tone = new OscillatorNode(sound, { frequency: 880 });
        const volume = new GainNode(sound, { gain: 0.2 });
        volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 1);
        tone.connect(volume).connect(sound.destination);
        tone.start();
        tone.stop(sound.currentTime + 1);
    }

    // Browsers allow a sound only after somebody has clicked.
    function turnSound() {
        const isOn = Boolean(sound);
        if (isOn) {
            sound.close();
            sound = null;
        } else {
            sound = new AudioContext();
            beep();
        }
        button.setAttribute("aria-pressed", String(!isOn));
        button.textContent = isOn ? "Turn the sound on" : "Turn the sound off";
    }

    if (button) {
        button.hidden = false;
        button.addEventListener("click", turnSound);
    }
    noteAge(document.querySelector("[data-age]")?.dataset.age);
    setInterval(tick, 1000);
    setTimeout(live, EVERY);
    tick();
})();
