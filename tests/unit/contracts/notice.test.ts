import { describe, expect, it } from "vitest";
import {
  type AccountFacts,
  decideNotice,
  failingAfterMs,
  type NoticeKind,
} from "@/lib/contracts/notices/notice";

const now = new Date("2026-11-28T12:00:00Z");
const ago = (ms: number) => new Date(now.getTime() - ms);

const account = (
  status: AccountFacts["standing"]["status"],
  more: Partial<AccountFacts> = {},
): AccountFacts => ({
  ...{ standing: { status }, userId: "mia", mayUse: true, serverSwitchedOff: false },
  ...{ expiresAt: null, waitingPeople: 0 },
  ...more,
});
const shared = { userId: null };

describe("a notice", () => {
  it.each(["needs_authorization", "expired"] as const)(
    "asks whoever owns an account that is %s",
    (status) => {
      const own = account(status);
      expect(decideNotice("own_account_needs_authorization", own, now).should).toBe(true);
      expect(decideNotice("shared_account_needs_authorization", own, now).should).toBe(false);
      const everyones = account(status, shared);
      expect(decideNotice("shared_account_needs_authorization", everyones, now).should).toBe(true);
      expect(decideNotice("own_account_needs_authorization", everyones, now).should).toBe(false);
    },
  );

  it("asks admins for a shared account that nobody connected yet, and nobody for an own one", () => {
    const kind = "shared_account_needs_authorization";
    expect(decideNotice(kind, account("not_connected", shared), now).should).toBe(true);
    const own = account("not_connected");
    expect(decideNotice("own_account_needs_authorization", own, now).should).toBe(false);
  });

  it("is one for a shared account: another one while somebody waits who asked for it", () => {
    const [missing, asked] = [
      account("not_connected", shared),
      account("not_connected", { ...shared, waitingPeople: 1 }),
    ];
    const should = (kind: NoticeKind, facts: AccountFacts) => decideNotice(kind, facts, now).should;
    expect(should("authorization_requested", missing)).toBe(false);
    expect(should("authorization_requested", asked)).toBe(true);
    expect(should("shared_account_needs_authorization", asked)).toBe(false);
    const works = account("connected", { ...shared, waitingPeople: 1 });
    expect(decideNotice("authorization_requested", works, now).reason).toBe("works");
  });

  it("waits with a failing refresh until access has been over for long", () => {
    const failing = (overForMs: number) =>
      decideNotice("refresh_failing", account("retrying", { expiresAt: ago(overForMs) }), now);
    expect(failing(failingAfterMs - 1)).toEqual({ should: false, reason: "not_yet" });
    expect(failing(failingAfterMs)).toEqual({ should: true, reason: "open" });
    const over = account("needs_authorization", { expiresAt: ago(failingAfterMs) });
    expect(decideNotice("refresh_failing", over, now).reason).toBe("other_notice");
  });

  it("is not for those who may not use the server, nor of a server that is switched off", () => {
    const kind = "own_account_needs_authorization";
    const barred = account("expired", { mayUse: false });
    expect(decideNotice(kind, barred, now)).toEqual({ should: false, reason: "may_not_use" });
    const off = account("expired", { serverSwitchedOff: true });
    expect(decideNotice(kind, off, now)).toEqual({ should: false, reason: "server_switched_off" });
  });
});
