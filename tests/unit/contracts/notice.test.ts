import { describe, expect, it } from "vitest";
import {
  type AccountFacts,
  type AccountNoticeKind,
  decideNotice,
  failingAfterMs,
} from "@/lib/contracts/notices/notice";

const now = new Date("2026-11-28T12:00:00Z");
const ago = (ms: number) => new Date(now.getTime() - ms);

const account = (
  status: AccountFacts["standing"]["status"],
  more: Partial<AccountFacts> = {},
): AccountFacts => ({
  ...{ standing: { status }, userId: "mia", mayUse: true, serverSwitchedOff: false },
  ...{ expiresAt: null, waitingPeople: 0, reauthorizationRequested: false },
  ...{ obtainedAt: null, refreshTokenExpiresAt: null, refreshTokenExtended: null },
  ...more,
});
const shared = { userId: null };

describe("a notice", () => {
  it.each(["needs_authorization", "expired"] as const)(
    "asks the owner of an account that is %s",
    (status) => {
      const own = account(status);
      expect(decideNotice("own_account_needs_authorization", own, now).should).toBe(true);
      expect(decideNotice("shared_account_needs_authorization", own, now).should).toBe(false);
      const everyones = account(status, shared);
      expect(decideNotice("shared_account_needs_authorization", everyones, now).should).toBe(true);
      expect(decideNotice("own_account_needs_authorization", everyones, now).should).toBe(false);
    },
  );

  it("asks admins to connect a shared account that no one has connected, and asks no one to connect their own", () => {
    const kind = "shared_account_needs_authorization";
    expect(decideNotice(kind, account("not_connected", shared), now).should).toBe(true);
    const own = account("not_connected");
    expect(decideNotice("own_account_needs_authorization", own, now).should).toBe(false);
  });

  it("is a single one for a shared account: a different one while a person who asked for it waits", () => {
    const [missing, asked] = [
      account("not_connected", shared),
      account("not_connected", { ...shared, waitingPeople: 1 }),
    ];
    const should = (kind: AccountNoticeKind, facts: AccountFacts) =>
      decideNotice(kind, facts, now).should;
    expect(should("authorization_requested", missing)).toBe(false);
    expect(should("authorization_requested", asked)).toBe(true);
    expect(should("shared_account_needs_authorization", asked)).toBe(false);
    const works = account("connected", { ...shared, waitingPeople: 1 });
    expect(decideNotice("authorization_requested", works, now).reason).toBe("works");
  });

  it("that an admin requested replaces the owner's, and stays while the account works", () => {
    const asked = { reauthorizationRequested: true };
    const reason = (kind: AccountNoticeKind, facts: AccountFacts) =>
      decideNotice(kind, facts, now).reason;
    expect(reason("reauthorization_requested", account("connected", asked))).toBe("open");
    expect(reason("reauthorization_requested", account("connected"))).toBe("nobody_asked");
    const over = account("expired", asked);
    expect(reason("reauthorization_requested", over)).toBe("open");
    expect(reason("own_account_needs_authorization", over)).toBe("other_notice");
    const missed = account("expired", { ...shared, ...asked, waitingPeople: 2 });
    expect(reason("reauthorization_requested", missed)).toBe("other_notice");
    expect(reason("authorization_requested", missed)).toBe("open");
    expect(reason("shared_account_needs_authorization", missed)).toBe("other_notice");
  });

  it("waits with a failing refresh until access has been over for long", () => {
    const failing = (overForMs: number) =>
      decideNotice("refresh_failing", account("retrying", { expiresAt: ago(overForMs) }), now);
    expect(failing(failingAfterMs - 1)).toEqual({ should: false, reason: "not_yet" });
    expect(failing(failingAfterMs)).toEqual({ should: true, reason: "open" });
    const over = account("needs_authorization", { expiresAt: ago(failingAfterMs) });
    expect(decideNotice("refresh_failing", over, now).reason).toBe("other_notice");
  });

  describe("that access ends soon", () => {
    const kind = "access_ends_soon";
    const hours = (count: number) => ago(-count * 60 * 60_000);
    const ends = (facts: Partial<AccountFacts>) =>
      decideNotice(kind, account("connected", facts), now).reason;

    it("opens in the second half of a lifetime that no refresh renews", () => {
      const times = (obtained: number, end: number) =>
        account("expiring", { obtainedAt: hours(obtained), expiresAt: hours(end) });
      expect(decideNotice(kind, times(-1, 2), now).reason).toBe("not_yet");
      expect(decideNotice(kind, times(-2, 2), now)).toEqual({ should: true, reason: "open" });
    });

    it("ignores a refresh token whose expiry moves with each refresh, or that was not used yet", () => {
      const refreshTokenExpiresAt = hours(1);
      expect(ends({ refreshTokenExpiresAt, refreshTokenExtended: false })).toBe("open");
      expect(ends({ refreshTokenExpiresAt, refreshTokenExtended: true })).toBe("works");
      expect(ends({ refreshTokenExpiresAt, refreshTokenExtended: null })).toBe("works");
    });

    it("opens 24 hours before the end, and not for an end that has passed without harm", () => {
      const fixed = (end: number) =>
        ends({ refreshTokenExpiresAt: hours(end), refreshTokenExtended: false });
      expect([fixed(25), fixed(24), fixed(0.1), fixed(0)]).toEqual([
        ...["not_yet", "open", "open", "works"],
      ]);
    });

    it("gives way to the notice that access has ended, or that an admin asked", () => {
      const facts = { refreshTokenExpiresAt: hours(1), refreshTokenExtended: false };
      expect(decideNotice(kind, account("needs_authorization", facts), now).reason).toBe(
        "other_notice",
      );
      expect(ends({ ...facts, reauthorizationRequested: true })).toBe("other_notice");
    });
  });

  it("is not for people who may not use the server, nor about a server that is switched off", () => {
    const kind = "own_account_needs_authorization";
    const barred = account("expired", { mayUse: false });
    expect(decideNotice(kind, barred, now)).toEqual({ should: false, reason: "may_not_use" });
    const off = account("expired", { serverSwitchedOff: true });
    expect(decideNotice(kind, off, now)).toEqual({ should: false, reason: "server_switched_off" });
  });
});
