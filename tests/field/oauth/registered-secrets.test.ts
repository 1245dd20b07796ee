import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { accessToken } from "@/lib/tokens/access-token";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import {
  type OddAnswer,
  type OddProvider,
  refusal,
  startOddProvider,
  usualClient,
  usualTokens,
} from "@/tests/support/odd-provider";
import { addByUrl, authorizeUnasked } from "@/tests/support/paste-url";
import type { Visitor } from "@/tests/support/visitor";

// modelcontextprotocol/python-sdk#3256: a secret that a registration issued for a limited time.

const second = 1000;
const minute = 60 * second;

let usher: Installation;
let clock: Clock;
let admin: Visitor;
let provider: OddProvider;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterEach(async () => {
  await usher.close();
  await provider.close();
});

const over = refusal(401, "invalid_client", "Client secret has expired");

/**
 * The first client's secret ends after `lastsMs`, and is then refused in the body of a request. A secret
 * sent in other forms is accepted unseen: those forms must not be tried.
 */
async function start(
  told: (endsAt: number) => unknown,
  { lastsMs = 20 * minute, refused = over }: { lastsMs?: number; refused?: OddAnswer } = {},
): Promise<string> {
  const endsAt = clock.now().getTime() + lastsMs;
  provider = await startOddProvider(() => ({
    register: (sent, nth) =>
      usualClient(sent, nth, {
        client_secret: `given-${nth}`,
        registration_access_token: "manages-the-registration",
        registration_client_uri: `${provider.origin}/register/${nth}`,
        client_secret_expires_at: nth === 1 ? told(endsAt) : 0,
        token_endpoint_auth_method: "client_secret_post",
      }),
    token: (sent, nth) =>
      sent.client_secret === "given-1" && clock.now().getTime() > endsAt
        ? refused
        : usualTokens(nth, { expires_in: 600 }),
  }));
  return addByUrl(admin, provider.url, { tokenSharing: "PER_USER" });
}

const outcome = (serverId: string, visitor = admin): Promise<string> =>
  accessToken(usher.app, { serverId, ownerKey: visitor.user.id }).then(
    () => "works",
    (error: { code: string }) => error.code,
  );
const connection = async (serverId: string, visitor = admin) => {
  const path = `/api/connections/${serverId}`;
  const answer = await visitor.visit(connectionRoute, { path, params: { serverId } });
  return (await answer.json()).connection;
};
const inSeconds = (endsAt: number) => Math.floor(endsAt / 1000);

describe("an expired registered secret", () => {
  it.each<[string, (endsAt: number) => unknown]>([
    ["as a number", inSeconds],
    ["as text", (endsAt) => String(inSeconds(endsAt))],
    ["as a fraction", (endsAt) => endsAt / 1000],
    ["as a date", (endsAt) => new Date(endsAt).toISOString()],
  ])("asks for consent at the first refresh where its expiry was given %s", async (_, told) => {
    const serverId = await start(told);
    expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
    await usher.settle();
    clock.advance(30 * minute);
    expect(await outcome(serverId)).toBe("authorization_required");
    expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
    expect(provider.registrations()).toHaveLength(2);
    expect(await outcome(serverId)).toBe("works");
    // RFC 7592: whoever has it can change the client, and Usher does not need it.
    const rows = JSON.stringify(await usher.app.db.oAuthClient.findMany());
    expect(rows).not.toContain("manages-the-registration");
  });

  it.each<[string, OddAnswer]>([
    ["with 401 in words", over],
    ["with 400 in words", refusal(400, "invalid_client", "The client_secret expired")],
    [
      "as Entra does",
      refusal(
        401,
        "invalid_client",
        "AADSTS7000222: The provided client secret keys for app 'x' are expired.",
      ),
    ],
    [
      "with unauthorized_client",
      refusal(400, "unauthorized_client", "Client credentials have expired"),
    ],
  ])(
    "asks for consent where no expiry was given and the provider reports it: %s",
    async (_, refused) => {
      const serverId = await start(() => undefined, { refused });
      expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
      await usher.settle();
      clock.advance(30 * minute);
      await outcome(serverId);
      clock.advance(5 * minute);
      expect(await outcome(serverId)).toBe("authorization_required");
      expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
      expect(provider.registrations()).toHaveLength(2);
    },
  );

  it("is replaced before the person is sent to the provider", async () => {
    const serverId = await start(inSeconds);
    clock.advance(minute);
    await authorizeUnasked(admin, serverId);
    clock.advance(30 * minute);
    expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
    expect(provider.registrations()).toHaveLength(2);
    expect(provider.at("/authorize").at(-1)?.query.get("client_id")).toBe("client-2");
  });

  it("that expires within seconds of the registration leads to one more, and no third", async () => {
    const serverId = await start(inSeconds, { lastsMs: 9 * second });
    expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
    await usher.settle();
    clock.advance(15 * minute);
    expect(await outcome(serverId)).toBe("authorization_required");
    expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
    expect(provider.registrations()).toHaveLength(2);
  });

  it("does not affect other people's access tokens while they last", async () => {
    const serverId = await start(inSeconds);
    const member = await usher.join("MEMBER");
    await authorizeUnasked(admin, serverId);
    await usher.settle();
    clock.advance(15 * minute);
    await authorizeUnasked(member, serverId);
    await usher.settle();
    clock.advance(6 * minute);
    expect(await outcome(serverId)).toBe("authorization_required");
    expect(await outcome(serverId, member)).toBe("works");
    expect((await connection(serverId, member)).status).toBe("connected");
  });
});
