// How an end reaches somebody who looks elsewhere: a notification of the desktop, and a short sound. Whoever calls these
// has made sure that no other tab does.
(() => {
    "use strict";

    const NOTE = 0.12; // seconds
    const GOOD = [660, 880]; // Hz: two notes up
    const BAD = [520, 390, 390];
    const LOUDNESS = 0.15;

    function sound(isBad) {
        // Before the first click on a page, browsers let it make no sound, and complain of the attempt.
        if (!("AudioContext" in window) || navigator.userActivation?.hasBeenActive === false) return;
        const audio = new AudioContext();
        (isBad ? BAD : GOOD).forEach((pitch, place) => {
            const [tone, volume] = [audio.createOscillator(), audio.createGain()];
            const begin = audio.currentTime + place * NOTE * 1.5;
            tone.frequency.value = pitch;
            volume.gain.setValueAtTime(LOUDNESS, begin);
            volume.gain.exponentialRampToValueAtTime(0.001, begin + NOTE); // without a click at its end
            tone.connect(volume).connect(audio.destination);
            tone.start(begin);
            tone.stop(begin + NOTE);
        });
        setTimeout(() => audio.close(), 2000);
    }

    function notify(title, body, address = "") {
        if (!("Notification" in window) || Notification.permission !== "granted") return;
        const notification = new Notification(title, { body, tag: address || title });
        notification.addEventListener("click", () => {
            window.focus();
            if (address) location.assign(address);
            notification.close();
        });
    }

    window.signals = { sound, notify };
})();
