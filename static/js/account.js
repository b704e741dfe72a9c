// The browser is asked whether it may notify only when somebody wants to be notified, and the settings can be tried.
(() => {
    "use strict";

    const desktop = document.getElementById("id_desktop_notifications");
    const sound = document.getElementById("id_sound");
    const answer = document.getElementById("desktop-answer");
    const attempt = document.getElementById("try-signals");
    const WORDS = {
        granted: "",
        denied: "Your browser doesn’t allow notifications from this site. Allow them in its settings for this site, then tick this again.",
        default: "Your browser hasn’t been told yet whether it may. Tick this again, and allow it.",
        missing: "This browser has no notifications, or only for a site with https.",
    };

    const permission = () => ("Notification" in window ? Notification.permission : "missing");

    function say() {
        answer.textContent = desktop.checked ? WORDS[permission()] : "";
    }

    desktop.addEventListener("change", async () => {
        if (desktop.checked && permission() === "default") await Notification.requestPermission();
        say();
    });
    attempt.addEventListener("click", () => {
        if (desktop.checked) signals.notify("Rejected: Pause of a campaign", "This is how it looks when an operation of yours ends.");
        if (sound.checked) signals.sound(false);
        if (!desktop.checked && !sound.checked) answer.textContent = "Tick one of them first.";
        else say();
    });
    attempt.hidden = false;
    say();
})();
