import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countTone, countWords, renewalWords } from "@/components/connections/standing-summary";
import { standingDetail, statusLooks } from "@/components/connections/status-badge";
import {
  type ConnectionFacts,
  callsWork,
  countStandings,
  standingOf,
  storedAccounts,
} from "@/lib/contracts/connections/connection-standing";
import { formatRelative } from "@/lib/contracts/format";
import { usable } from "@/lib/tokens/token-set";

const minute = 60_000;
const now = new Date("2026-06-01T12:00:00Z");
const at = (minutes: number) => new Date(now.getTime() + minutes * minute);

function facts(change: Partial<ConnectionFacts> = {}): ConnectionFacts {
  return {
    expiresAt: at(60),
    refreshable: true,
    rejectedAt: null,
    refreshFailures: 0,
    nextRefreshAt: at(50),
    lastRefreshError: null,
    lastRefreshErrorAt: null,
    failsAlone: false,
    ...change,
  };
}

const failed = { lastRefreshError: "It said no.", lastRefreshErrorAt: at(-5), refreshFailures: 1 };

const anyMoment = fc
  .integer({ min: -400 * 24 * 60, max: 400 * 24 * 60 })
  .chain((minutes) => fc.integer({ min: -59, max: 59 }).map((s) => at(minutes + s / 60)));
const anyFacts: fc.Arbitrary<ConnectionFacts | null> = fc.option(
  fc.record({
    expiresAt: fc.option(anyMoment),
    refreshable: fc.boolean(),
    rejectedAt: fc.option(anyMoment),
    refreshFailures: fc.nat(3),
    nextRefreshAt: fc.option(anyMoment),
    lastRefreshError: fc.option(fc.constantFrom("The provider said no.", "No answer.")),
    lastRefreshErrorAt: fc.option(anyMoment),
    failsAlone: fc.boolean(),
  }),
  { freq: 20 },
);

/** Everything that a page says about one connection, for a reader whose clock says `readersNow`. */
function words(given: ConnectionFacts | null, readersNow: Date): string {
  const standing = standingOf(given, now);
  const detail = standingDetail(standing);
  const moment =
    detail?.at == null
      ? ""
      : formatRelative(Date.parse(detail.at), readersNow.getTime(), detail.tense);
  return [
    statusLooks[standing.status].label,
    detail ? `${detail.before}${moment}${detail.after}` : "",
    renewalWords(standing) ?? "",
  ].join(" · ");
}

describe("standingOf", () => {
  it.each([
    ["not_connected", "authorize", null],
    ["connected", null, facts()],
    ["connected", null, facts({ expiresAt: null, refreshable: false })],
    ["connected", null, facts({ expiresAt: at(-1) })],
    ["connected", null, facts({ expiresAt: at(3 * 24 * 60), refreshable: false })],
    ["expiring", "authorize_again_in_time", facts({ refreshable: false })],
    ["retrying", "wait", facts({ ...failed, nextRefreshAt: at(2) })],
    ["retrying", "wait", facts({ ...failed, expiresAt: at(-1), nextRefreshAt: at(-1) })],
    ["expired", "authorize_again", facts({ expiresAt: at(0), refreshable: false })],
    ["needs_authorization", "authorize_again", facts({ rejectedAt: at(-100) })],
    [
      "needs_authorization",
      "ask_organization",
      facts({ rejectedAt: at(-100), managedByOrganization: true }),
    ],
    ["connected", null, facts({ managedByOrganization: true })],
    [
      "needs_authorization",
      "authorize_again",
      facts({ ...failed, refreshable: false, nextRefreshAt: null }),
    ],
  ] as const)("is %s, with the next step %s, for %j", (status, nextStep, given) => {
    expect(standingOf(given, now)).toMatchObject({ status, nextStep });
  });

  it("reports a grant revoked while its access token had 56 minutes left as ended", () => {
    const revoked = facts({ ...failed, expiresAt: at(56), refreshable: false, rejectedAt: at(-1) });
    expect(standingOf(revoked, now)).toMatchObject({ expiresAt: null, reason: "It said no." });
    expect(words(revoked, now)).toBe("Needs re-authorization · Ended 1 minute ago · ");
  });

  it("describes every standing without contradiction, whatever is stored and whatever the reader's clock says", () => {
    fc.assert(
      fc.property(anyFacts, anyMoment, (given, readersNow) => {
        const standing = standingOf(given, now);
        const { status, since, expiresAt, nextTryAt, reason, nextStep, renewal } = standing;
        if (since !== null) expect(Date.parse(since)).toBeLessThanOrEqual(now.getTime());
        for (const moment of [expiresAt, nextTryAt]) {
          if (moment !== null) expect(Date.parse(moment)).toBeGreaterThan(now.getTime());
        }
        const said = words(given, readersNow);
        expect(said).not.toMatch(/Ended (in|now|tomorrow|next)/);
        expect(said).not.toMatch(/(Expires|Next retry) [^·]*(ago|yesterday|last|just now)/);
        if (callsWork(standing)) {
          expect(said).not.toMatch(/Ended|re-authorization|Expired/);
          expect(renewal).not.toBeNull();
        } else {
          expect(said).not.toMatch(/Expires|Next retry|Renews|Automatic|No expiry/);
          expect({ expiresAt, nextTryAt, renewal }).toEqual({
            ...{ expiresAt: null, nextTryAt: null, renewal: null },
          });
          expect(nextStep).toMatch(/^authorize/);
        }
        const fine = status === "connected" || status === "not_connected";
        expect(reason === null).toBe(fine);
        expect(nextStep === null).toBe(status === "connected");
      }),
      { numRuns: 3000 },
    );
  });

  it("never makes calls seem to work if no token may be sent", () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        if (given === null) return;
        const { expiresAt, refreshable, rejectedAt, refreshFailures, nextRefreshAt } = given;
        const { lastRefreshErrorAt } = given;
        const retryAt = refreshFailures > 0 ? nextRefreshAt : null;
        const times = { retryAt, triedAt: lastRefreshErrorAt, obtainedAt: at(-500) };
        const token = { expiresAt, refreshable, rejectedAt, ...times };
        if (usable(token, now).use !== "never") return;
        expect(callsWork(standingOf(given, now))).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it("changes with time only at the moment it names", () => {
    fc.assert(
      fc.property(anyFacts, fc.double({ min: 0, max: 0.999, noNaN: true }), (given, part) => {
        const standing = standingOf(given, now);
        const { changesInMs } = standing;
        const before = (changesInMs ?? 1000 * 24 * 60 * minute) * part;
        const later = standingOf(given, new Date(now.getTime() + Math.floor(before)));
        const told = ({ status, expiresAt, nextTryAt, renewal }: typeof standing) => ({
          ...{ status, expiresAt, nextTryAt, renewal },
        });
        expect(told(later)).toEqual(told(standing));
        if (changesInMs === null) return;
        const then = standingOf(given, new Date(now.getTime() + changesInMs));
        expect(told(then)).not.toEqual(told(standing));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the counts of people", () => {
  it("add up to everyone with stored tokens, and count no one as connected whose access is over", () => {
    fc.assert(
      fc.property(fc.array(anyFacts), (all) => {
        const standings = all.map((given) => standingOf(given, now));
        const counts = countStandings(standings);
        expect(storedAccounts(counts)).toBe(all.filter((given) => given !== null).length);
        expect(counts.connected + counts.retrying).toBe(standings.filter(callsWork).length);
      }),
    );
  });

  it.each([
    ["No one connected", "neutral", { connected: 0, retrying: 0, needAuthorization: 0 }],
    ["2 connected", "success", { connected: 2, retrying: 0, needAuthorization: 0 }],
    [
      "1 connected, 1 needs re-authorization",
      "warning",
      { connected: 1, retrying: 0, needAuthorization: 1 },
    ],
    [
      "1,200 connected, 1 retrying, 3 need re-authorization",
      "warning",
      { connected: 1200, retrying: 1, needAuthorization: 3 },
    ],
  ] as const)("read %s", (said, tone, counts) => {
    expect(countWords(counts)).toBe(said);
    expect(countTone(counts)).toBe(tone);
  });
});
