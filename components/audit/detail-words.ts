import type { AuditEventView } from "@/lib/contracts/audit";
import { oneLine } from "@/lib/untrusted-text";

/** For machines: an export has them. */
const hidden: ReadonlySet<string> = new Set(["assistantId", "conversationId"]);

/** What else is known of an event, fact by fact, each on one line. */
export function detailWords({ details, ownerKey, actorId }: AuditEventView): string[] {
  const facts = Object.entries(details)
    .filter(([name, value]) => value !== null && value !== "" && !hidden.has(name))
    .map(([name, value]) => `${nameInWords(name)}: ${valueInWords(name, value)}`);
  // As whom a call acted says it better.
  const account = ownerKey === null || "actingAs" in details ? [] : [`account: ${ownerOf()}`];
  return [...account, ...facts].map((detail) => oneLine(detail));

  function ownerOf(): string {
    if (ownerKey === "shared") return "shared";
    return ownerKey === actorId ? "own" : `${ownerKey}`;
  }
}

function nameInWords(name: string): string {
  if (name === "durationMs") return "took";
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function valueInWords(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (name === "durationMs") return `${value} ms`;
  if (name === "outcome") return `${value}`.replaceAll("_", " ");
  return `${value}`;
}
