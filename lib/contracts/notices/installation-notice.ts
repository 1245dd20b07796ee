import { sweepState } from "../connections/sweep-state";
import type { NoticeDecision } from "./decision";

/** What is known about the installation itself. Its notices are for admins. */
export interface InstallationFacts {
  /** When the first process started. Null: none has. */
  installedAt: Date | null;
  /** When the last sweep began. Null: none has. */
  lastSweepAt: Date | null;
  /** Since when SECRETS_ENCRYPTION_KEY has been in use. Null: unknown. */
  keySince: Date | null;
}

/** Each is a line in `decisions`, and in the table of docs/notices.md. */
export const installationNoticeKinds = ["sweep_late", "encryption_key_old"] as const;
export type InstallationNoticeKind = (typeof installationNoticeKinds)[number];

/**
 * A year, well within the two years for which a key should encrypt new data.
 * @see https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-57pt1r5.pdf section 5.3.6
 */
export const oldKeyAfterMs = 365 * 24 * 60 * 60_000;

/** Whether a notice of this kind should be open. */
export function decideInstallationNotice(
  kind: InstallationNoticeKind,
  facts: InstallationFacts,
  now: Date,
): NoticeDecision {
  return decisions[kind](facts, now);
}

const decisions: Record<
  InstallationNoticeKind,
  (facts: InstallationFacts, now: Date) => NoticeDecision
> = {
  sweep_late: ({ installedAt, lastSweepAt }, now) => {
    // The first one is due as soon as the installation exists.
    const since = lastSweepAt ?? installedAt;
    const last = since && { startedAt: since.toISOString() };
    return decided(sweepState(last, now.getTime()) === "late", "works");
  },
  encryption_key_old: ({ keySince }, now) =>
    decided(keySince !== null && now.getTime() - keySince.getTime() >= oldKeyAfterMs, "not_yet"),
};

function decided(should: boolean, otherwise: NoticeDecision["reason"]): NoticeDecision {
  return { should, reason: should ? "open" : otherwise };
}
