// Makes or uses a passkey: what to ask the browser for is in the form, and its answer goes into it.
"use strict";

const bytesOf = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};
const textOf = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function read(options) {
    options.challenge = bytesOf(options.challenge);
    if (options.user) options.user.id = bytesOf(options.user.id);
    for (const list of [options.allowCredentials, options.excludeCredentials]) {
        for (const credential of list ?? []) credential.id = bytesOf(credential.id);
    }
    return options;
}

function written(credential) {
    const { response } = credential;
    const parts = ["attestationObject", "authenticatorData", "clientDataJSON", "signature", "userHandle"];
    return JSON.stringify({
        id: credential.id,
        rawId: textOf(credential.rawId),
        type: credential.type,
        authenticatorAttachment: credential.authenticatorAttachment,
        clientExtensionResults: credential.getClientExtensionResults(),
        response: Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, textOf(response[part])])),
    });
}

function prepare(form) {
    const button = form.querySelector("[data-passkey-button]");
    const said = form.querySelector("[data-passkey-answer]");
    if (!window.PublicKeyCredential) {
        said.textContent = "This browser has no passkeys.";
        return;
    }
    button.hidden = false;
    button.addEventListener("click", async () => {
        if (!form.reportValidity()) return;
        said.textContent = "Waiting for your passkey…";
        const { publicKey } = JSON.parse(form.dataset.passkey);
        try {
            const made = publicKey.user
                ? await navigator.credentials.create({ publicKey: read(publicKey) })
                : await navigator.credentials.get({ publicKey: read(publicKey) });
            form.elements.credential.value = written(made);
            form.submit();
        } catch {
            said.textContent = "No passkey was used: it was cancelled, took too long, or isn’t for this address. Try again.";
        }
    });
}

document.querySelectorAll("form[data-passkey]").forEach(prepare);
