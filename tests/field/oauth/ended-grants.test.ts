import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as tryNowRoute } from "@/app/api/connections/[serverId]/refresh/route";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import {
  type OddAnswer,
  type OddProvider,
  refusal,
  startOddProvider,
  usualTokens,
} from "@/tests/support/odd-provider";
import { authorizeUnasked } from "@/tests/support/paste-url";
import { serverInput } from "@/tests/support/server-input";
import { startStopwatch } from "@/tests/support/stopwatch";
import type { Visitor } from "@/tests/support/visitor";

const second = 1000;
const hour = 3600 * second;

let usher: Installation;
let clock: Clock;
let provider: OddProvider;
let serverId: string;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  provider = await startOddProvider();
  serverId = await createServer(
    usher.app,
    serverInput({
      url: provider.url,
      authentication: "OAUTH",
      oauth: {
        clientId: "usher",
        clientSecret: "s3cret",
        authorizationEndpoint: `${provider.origin}/authorize`,
        tokenEndpoint: `${provider.origin}/token`,
        tokenSharing: "PER_USER",
      },
    }),
  );
});
afterEach(async () => {
  await usher.close();
  await provider.close();
});

async function connect(name = "Ada"): Promise<Visitor> {
  const visitor = await usher.join("MEMBER", name);
  expect(await authorizeUnasked(visitor, serverId)).toContain("authorized");
  await usher.settle();
  return visitor;
}

const token = (visitor: Visitor) => accessToken(usher.app, { serverId, ownerKey: visitor.user.id });
const outcome = (visitor: Visitor): Promise<string> =>
  token(visitor).then(
    () => "works",
    (error: { code: string }) => error.code,
  );
const connection = async (visitor: Visitor) => {
  const params = { serverId };
  const answer = await visitor.visit(connectionRoute, {
    path: `/api/connections/${serverId}`,
    params,
  });
  return (await answer.json()).connection;
};
const tryNow = async (visitor: Visitor) => {
  const path = `/api/connections/${serverId}/refresh`;
  const answer = await visitor.visit(tryNowRoute, {
    path,
    method: "POST",
    params: { serverId },
    json: {},
  });
  return (await answer.json()).connection;
};
/** Every refresh gets this response from now on; a code exchange continues as usual. */
function refuse(answer: OddAnswer | ((refreshToken: string) => OddAnswer | null)): void {
  provider.odd.token = (sent, nth) => {
    if (sent.grant_type !== "refresh_token") return usualTokens(nth);
    const refused = typeof answer === "function" ? answer(sent.refresh_token ?? "") : answer;
    return refused ?? usualTokens(nth);
  };
}

describe("a refusal that names the refresh token", () => {
  it.each<[string, OddAnswer]>([
    // raycast/extensions#11836
    ["403 unauthorized_client", refusal(403, "unauthorized_client", "refresh_token is invalid")],
    ["401 invalid_request", refusal(401, "invalid_request", "Token has been revoked")],
    [
      "404 in another shape",
      { status: 404, body: { errors: [{ detail: "Unknown refresh token" }] } },
    ],
    ["a line of text", { status: 400, body: "The refresh token has expired" }],
    ["a framework's envelope", { status: 400, body: { detail: { error: "invalid_grant" } } }],
  ])("asks for consent at once: %s", async (_, answer) => {
    const ada = await connect();
    refuse(answer);
    clock.advance(2 * hour);
    expect(await outcome(ada)).toBe("authorization_required");
    expect((await connection(ada)).standing).toMatchObject({ status: "needs_authorization" });
    expect(await outcome(ada)).toBe("authorization_required");
    expect(provider.refreshes()).toHaveLength(1);
  });
});

describe("a refusal that does not say why", () => {
  it.each<[string, OddAnswer]>([
    ["400 with an empty body", { status: 400 }],
    ["400 invalid_request", refusal(400, "invalid_request", "Cannot process")],
    ["401 with JSON", { status: 401, body: { message: "Nope" } }],
    ["422 with a list", { status: 422, body: [{ message: "Nope" }] }],
  ])("asks for consent the third time in a row: %s", async (_, answer) => {
    const ada = await connect();
    refuse(answer);
    clock.advance(2 * hour);
    for (let times = 1; times < 3; times++) {
      expect(await outcome(ada)).toBe("try_later");
      clock.advance(6 * second);
    }
    expect(await outcome(ada)).toBe("authorization_required");
    expect(provider.refreshes()).toHaveLength(3);
    const { reason } = (await connection(ada)).standing;
    expect(reason).toMatch(/several times in a row\. Authorize again\./);
  });

  it("asks for no consent while the access token is valid, and is forgotten after a success", async () => {
    const ada = await connect();
    refuse({ status: 400 });
    clock.advance(hour - 50 * second);
    for (let times = 0; times < 4; times++) {
      expect(await outcome(ada)).toBe("works");
      clock.advance(10 * second);
    }
    provider.odd.token = (_, nth) => usualTokens(nth);
    clock.advance(5 * 60 * second);
    expect(await outcome(ada)).toBe("works");
    refuse({ status: 400 });
    clock.advance(2 * hour);
    expect(await outcome(ada)).toBe("try_later");
  });
});

describe("a failure that affects everyone", () => {
  it.each<[string, OddAnswer]>([
    ["429", { status: 429, body: { error: "invalid_grant" } }],
    ["503 with invalid_grant", refusal(503, "invalid_grant")],
    ["a firewall's page", { status: 403, body: "<html><title>Just a moment...</title></html>" }],
    ["a limit that is a 400", refusal(400, "rate_limit_exceeded", "Too many requests")],
  ])("never asks for consent: %s", async (_, answer) => {
    const ada = await connect();
    refuse(answer);
    clock.advance(2 * hour);
    for (let times = 0; times < 10; times++) {
      expect(await outcome(ada)).toBe("try_later");
      clock.advance(20 * second);
    }
    expect((await connection(ada)).standing).toMatchObject({
      status: "retrying",
      nextStep: "wait",
    });
    provider.odd.token = (_, nth) => usualTokens(nth);
    expect(await outcome(ada)).toBe("works");
  });
});

describe("one person's dead token, which the provider answers with 500", () => {
  const page = { status: 500, body: "<html><h1>Internal Server Error</h1></html>" };

  it("never costs another person a refresh, even with 6 of 7 dead, again and again", async () => {
    const people = await Promise.all(["A", "B", "C", "D", "E", "F"].map((name) => connect(name)));
    const grace = await connect("Grace");
    const own = await usher.app.db.storedTokenSet.findMany();
    expect(own).toHaveLength(7);
    // Grace is the one who refreshes with the newest token.
    let good = "refresh-7";
    refuse((refreshToken) => (refreshToken === good ? null : page));
    const healthy = provider.odd.token;
    provider.odd.token = (sent, nth, request) => {
      const answer = healthy(sent, nth, request);
      if (answer.status === undefined) good = `refresh-${nth}`;
      return answer;
    };
    for (let round = 0; round < 8; round++) {
      clock.advance(2 * hour);
      for (let times = 0; times < 2; times++) {
        expect(await Promise.all(people.map(outcome))).toEqual(people.map(() => "try_later"));
        clock.advance(6 * second);
      }
      const elapsed = startStopwatch();
      expect(await outcome(grace)).toBe("works");
      expect(elapsed()).toBeLessThan(5 * second);
    }
    expect((await connection(people[0] as Visitor)).standing).toMatchObject({
      status: "retrying",
      nextStep: "wait_or_authorize",
      reason: expect.stringContaining("It answers for other accounts"),
    });
    expect((await connection(grace)).standing.status).toBe("connected");
  });

  it("is not mistaken for the end of an outage: no one is offered a consent while no one gets an answer", async () => {
    const people = await Promise.all(["A", "B", "C"].map((name) => connect(name)));
    refuse(page);
    clock.advance(2 * hour);
    for (let times = 0; times < 5; times++) {
      await Promise.all(people.map(outcome));
      clock.advance(10 * second);
    }
    for (const person of people) {
      expect((await connection(person)).standing.nextStep).toBe("wait");
    }
  });
});

describe("a waiting person", () => {
  it("gets an answer as soon as the outage ends, and causes at most one request in 5 s", async () => {
    const ada = await connect();
    refuse({ status: 503 });
    clock.advance(2 * hour);
    for (let times = 0; times < 8; times++) {
      await outcome(ada);
      clock.advance(5 * 60 * second);
    }
    provider.forget();
    expect(await outcome(ada)).toBe("try_later");
    clock.advance(4 * second);
    await Promise.all([outcome(ada), outcome(ada), tryNow(ada)]);
    expect(provider.refreshes()).toHaveLength(1);
    provider.odd.token = (_, nth) => usualTokens(nth);
    clock.advance(1 * second);
    expect(await outcome(ada)).toBe("works");
  });

  // ginlix-ai/LangAlpha#379
  it.each<[string, OddAnswer]>([
    ["a header", { status: 429, headers: { "retry-after": "120" } }],
    ["a body", { status: 429, body: { code: 429, retry_after: 120 } }],
    [
      "a maintenance page",
      { status: 503, headers: { "retry-after": "120" }, body: "<h1>Back</h1>" },
    ],
  ])("waits as long as the provider asks in %s, however often it asks", async (_, answer) => {
    const [ada, bob] = [await connect(), await connect("Bob")];
    refuse(answer);
    clock.advance(2 * hour);
    for (let times = 1; times < 6; times++) {
      await outcome(ada);
      provider.forget();
      clock.advance(110 * second);
      expect(await outcome(ada)).toBe("try_later");
      await tryNow(ada);
      expect(provider.refreshes()).toHaveLength(0);
      clock.advance(11 * second);
      await outcome(ada);
      expect(provider.refreshes()).toHaveLength(1);
    }
    provider.odd.token = (_sent, nth) => usualTokens(nth);
    expect(await outcome(bob)).toBe("works");
    clock.advance(121 * second);
    expect(await outcome(ada)).toBe("works");
  });

  it("sees when the next try is, and can trigger it now", async () => {
    const ada = await connect();
    refuse({ status: 503 });
    clock.advance(2 * hour);
    await outcome(ada);
    const { nextTryAt } = (await connection(ada)).standing;
    expect(Date.parse(nextTryAt)).toBeGreaterThan(clock.now().getTime());
    provider.odd.token = (_, nth) => usualTokens(nth);
    clock.advance(5 * second);
    expect((await tryNow(ada)).standing).toMatchObject({ status: "connected" });
  });

  it("sees the failure that blocks others as the last error, where it postponed the sweep", async () => {
    const ada = await connect();
    clock.advance(hour - 5 * 60 * second);
    const { host } = new URL(provider.origin);
    // The last of them is let through as the one per second that has had no failure yet.
    for (const account of ["1", "2", "3", "4", "5", "6"]) {
      const asking = { account, byPerson: false, maxWaitMs: 0 };
      const entry = await usher.app.providerGate.enter(host, asking);
      if (entry.entered) entry.leave("ill");
    }
    await runRefreshSweep(usher.app, { trigger: "manual", claimForMs: 5000, concurrency: 4 });
    expect((await connection(ada)).standing).toMatchObject({
      status: "retrying",
      reason: expect.stringContaining("did not answer when it was asked for other accounts"),
    });
    expect(await outcome(ada)).toBe("works");
  });
});
