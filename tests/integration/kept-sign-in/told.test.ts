import pino, { type Logger } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { GET as linkViewRoute } from "@/app/api/account/single-sign-on/route";
import { GET as auditRoute } from "@/app/api/audit/route";
import { GET as personRoute } from "@/app/api/people/[userId]/route";
import type { FlowStep } from "@/lib/contracts/servers/flow";
import { sendJson } from "@/tests/support/local-http-server";
import { changeNextAnswer, signInByOidc, startOidc } from "@/tests/support/oidc-browser";
import { Visitor } from "@/tests/support/visitor";
import { identityAt, keeping, minute, type Stage, setStage } from "./stage";

let stage: Stage;
afterEach(() => stage.close());

describe("at a sign-in the provider is asked", () => {
  const scopeIn = async () => {
    const url = await startOidc(new Visitor(stage.admin.user, {}));
    return new URL(url).searchParams.get("scope");
  };

  it("only for the usual scopes if nothing is kept", async () => {
    stage = await setStage({}, {});
    expect(await scopeIn()).toBe("openid email profile");
  });

  it("for offline access if sign-ins are kept, and for the operator's own scopes", async () => {
    stage = await setStage({}, { ...keeping, OIDC_SCOPE: "api://usher/access" });
    expect(await scopeIn()).toBe("openid email profile api://usher/access offline_access");
  });
});

describe("an access token for an operator's own API, which userinfo refuses", () => {
  it.each([401, 403])("(status %s) still lets people sign in by their ID token", async (status) => {
    const env = { ...keeping, OIDC_SCOPE: "email", OIDC_TRUST_EMAIL: "1" };
    stage = await setStage({}, env);
    stage.provider.people.set("pia", { email: "pia@example.com" });
    stage.provider.intercept("/me", (_request, response) => sendJson(response, status, {}));
    const end = await signInByOidc(new Visitor(stage.admin.user, {}), stage.provider, "pia");
    expect(end).toBe("/chat");
  });
});

describe("no token of a kept sign-in", () => {
  it("appears in a log, an answer of the API or a flow's record, or is readable in the database", async () => {
    stage = await setStage({}, { ...keeping, LOG_LEVEL: "debug" });
    const { usher, provider, admin } = stage;
    const seen: string[] = [];
    Object.assign(usher.app.log as Logger, {
      [pino.symbols.streamSym]: { write: (line: string) => seen.push(line) },
    });
    const secrets = new Set<string>([provider.env.OIDC_CLIENT_SECRET ?? ""]);
    const listen = () =>
      changeNextAnswer(provider, "/token", (body) => {
        for (const name of ["access_token", "refresh_token", "id_token"]) {
          if (typeof body[name] === "string") secrets.add(body[name]);
        }
        return body;
      });

    listen();
    const olga = await stage.signIn("olga");
    const { id } = olga.user;
    listen();
    stage.clock.advance(9.5 * minute);
    const steps: FlowStep[] = [];
    const observe = (exchange: () => FlowStep) => steps.push(exchange());
    await usher.app.identityOf(id, { observe });
    // A provider that quotes what it was sent.
    provider.intercept("/token", async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const description = Buffer.concat(chunks).toString();
      sendJson(response, 400, { error: "invalid_request", error_description: description });
    });
    stage.clock.advance(9.5 * minute);
    const refused = await usher.app.identityOf(id, { observe });
    expect(refused).toMatchObject({ because: "outage" });
    seen.push(JSON.stringify(refused), JSON.stringify(steps));
    const path = `/api/people/${id}`;
    for (const answer of [
      await olga.visit(linkViewRoute, { path: "/api/account/single-sign-on" }),
      await admin.visit(personRoute, { path, params: { userId: id } }),
      await admin.visit(auditRoute, { path: "/api/audit" }),
    ]) {
      expect(answer.status).toBe(200);
      seen.push(await answer.text());
    }
    const { db } = usher.app;
    seen.push(JSON.stringify([await db.identityTokens.findMany(), await db.auditEvent.findMany()]));

    expect(secrets.size).toBeGreaterThanOrEqual(5);
    expect(steps.length).toBeGreaterThanOrEqual(2);
    for (const secret of secrets) expect(seen.join("\n")).not.toContain(secret);
    provider.intercept("/token", null);
    stage.clock.advance(5 * minute);
    await identityAt(usher.app, id);
  });
});
