import { encode } from "next-auth/jwt";
import { afterEach, expect, test, vi } from "vitest";
import { SessionClaims } from "@/lib/session/session-user";

const env = { nextAuthSecret: "a secret of the tests, long enough", publicUrl: "http://localhost" };
const claims = new SessionClaims(() => new Date());

afterEach(() => {
  vi.useRealTimers();
});

async function cookiesOf(secret: string, maxAge: number): Promise<Record<string, string>> {
  const token = { sub: "anna", sid: "session-3" };
  return { "next-auth.session-token": await encode({ token, secret, maxAge }) };
}

test("a cookie has the same content each time it is opened", async () => {
  const cookies = await cookiesOf(env.nextAuthSecret, 60);
  for (const time of ["first", "second"]) {
    expect(await claims.open(env, cookies), time).toMatchObject({ sub: "anna", sid: "session-3" });
  }
});

test("a session ends on time even if its cookie was opened a moment before", async () => {
  const cookies = await cookiesOf(env.nextAuthSecret, 60);
  expect(await claims.open(env, cookies)).not.toBeNull();
  // next-auth allows clocks to differ by 15 s.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 80_000 });
  expect(await claims.open(env, cookies)).toBeNull();
});

test("a cookie of another secret, or an altered one, opens nothing", async () => {
  const forged = await cookiesOf("a secret that somebody guessed, as long", 60);
  const cookies = await cookiesOf(env.nextAuthSecret, 60);
  const genuine = cookies["next-auth.session-token"] ?? "";
  expect(await claims.open(env, cookies)).not.toBeNull();
  const changed = { "next-auth.session-token": `${genuine.slice(0, -6)}AAAAAA` };
  for (const each of [forged, changed, forged, changed]) {
    expect(await claims.open(env, each)).toBeNull();
  }
});

test("a cookie from before sessions were stored opens nothing", async () => {
  const token = { sub: "anna", sessionVersion: 3 };
  const cookie = await encode({ token, secret: env.nextAuthSecret, maxAge: 60 });
  expect(await claims.open(env, { "next-auth.session-token": cookie })).toBeNull();
});
