// A real provider on loopback, as the company of the tests has it. Its people, its clock and its lies are told by
// whoever started it, as JSON on /control. It prints its port once it listens.
import { createServer } from "node:http";

import { decodeJwt, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { Provider } from "oidc-provider";

const told = {
    people: {}, offset: 0, lifetime: 3600, lie: null, newKey: false, claimsIn: "id_token", down: false, endSession: true,
};
const realNow = Date.now;
Date.now = () => realNow() + told.offset * 1000;

const [, , base] = process.argv;
const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const { privateKey: otherKey, publicKey: otherPublicKey } = await generateKeyPair("RS256", { extractable: true });
const key = { ...(await exportJWK(privateKey)), kid: "one", alg: "RS256", use: "sig" };

const server = createServer();
await new Promise((listening) => server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
    clients: [{
        client_id: "control-room",
        client_secret: "the-company-s-secret",
        redirect_uris: [`${base}/accounts/company/callback/`],
        post_logout_redirect_uris: [`${base}/accounts/login/`],
    }],
    jwks: { keys: [key] },
    scopes: ["openid", "profile", "email"],
    claims: { openid: ["sub", "groups", "preferred_username", "email"] },
    // In which of the two the claims are.
    conformIdTokenClaims: false,
    ttl: {
        IdToken: () => told.lifetime,
        AccessToken: 600, AuthorizationCode: 60, Grant: 3600, Interaction: 600, Session: 3600,
    },
    cookies: { keys: ["tests"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({
        accountId: id,
        claims: (use) => ({ sub: id, ...(told.claimsIn === "both" || use === told.claimsIn ? told.people[id] : {}) }),
    }),
    // Nobody is asked whether they consent: the company has decided.
    async loadExistingGrant(ctx) {
        const grant = new ctx.oidc.provider.Grant({
            clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
        });
        grant.addOIDCScope("openid profile email");
        await grant.save();
        return grant;
    },
});

// What a provider that lies, or somebody between, would send: the real token with something else in it, or otherwise
// signed.
const LIES = {
    audience: (claims) => ({ ...claims, aud: "another-client" }),
    issuer: (claims) => ({ ...claims, iss: "https://elsewhere.example" }),
    nonce: (claims) => ({ ...claims, nonce: "of another sign-in" }),
    party: (claims) => ({ ...claims, azp: "another-client" }),
    longSubject: (claims) => ({ ...claims, sub: "x".repeat(192) }),
    unreadableSubject: (claims) => ({ ...claims, sub: "a\0b" }),
    unreadableName: (claims) => ({ ...claims, preferred_username: "a\0b" }),
};
const SIGNATURES = {
    signature: (claims) => sign(claims, otherKey, "RS256", "one"),
    unknownKey: (claims) => sign(claims, otherKey, "RS256", "two"),
    shared: (claims) => sign(claims, new TextEncoder().encode("the-company-s-secret-the-company-s-secret"), "HS256", "one"),
    unsigned: (claims) => new UnsecuredJWT(claims).encode(),
};

function sign(claims, key, alg, kid) {
    return new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);
}

provider.use(async (ctx, next) => {
    await next();
    const route = ctx.oidc?.route;
    // Its own pages ask for a font from elsewhere.
    if (typeof ctx.body === "string") ctx.body = ctx.body.replace(/@import url\([^)]*\);/g, "");
    if (route === "token" && ctx.body?.id_token) ctx.body.id_token = await falsify(ctx.body.id_token);
    if (route === "userinfo" && told.lie === "userinfo") ctx.body = { ...ctx.body, sub: "somebody else" };
    if (route === "jwks" && told.newKey) ctx.body = { keys: [{ ...(await exportJWK(otherPublicKey)), kid: "two" }] };
    if (route === "discovery" && !told.endSession) {
        const { end_session_endpoint: _, ...rest } = ctx.body;
        ctx.body = rest;
    }
});

async function falsify(token) {
    const claims = decodeJwt(token);
    if (told.newKey) return sign(claims, otherKey, "RS256", "two");
    if (told.lie in SIGNATURES) return SIGNATURES[told.lie](claims);
    if (told.lie in LIES) return sign(LIES[told.lie](claims), privateKey, "RS256", "one");
    return token;
}

const respond = provider.callback();
server.on("request", async (request, response) => {
    if (request.url === "/control") {
        let text = "";
        for await (const part of request) text += part;
        Object.assign(told, JSON.parse(text));
        response.end();
    } else if (told.down) {
        // It took the connection, and says nothing.
        request.resume();
    } else {
        respond(request, response);
    }
});
console.log(server.address().port);
