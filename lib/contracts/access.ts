import * as z from "zod";
import type { Role } from "./people/person";

/** `EVERYONE`: everyone who chats. `CHOSEN`: the people and groups that an admin chose, and admins. */
export const accessMode = z.enum(["EVERYONE", "CHOSEN"]);
export type AccessMode = z.infer<typeof accessMode>;

/** What is known about one person and one assistant or MCP server. */
export interface AccessFacts {
  access: AccessMode;
  role: Role;
  disabled: boolean;
  /** Chosen by name. */
  chosen: boolean;
  /** Names of the chosen groups that they are in. */
  groups: readonly string[];
}

export type AccessDecision =
  | { may: true; reason: "everyone" | "admin" | "chosen" }
  | { may: true; reason: "group"; group: string }
  | { may: false; reason: "disabled" | "auditor" | "not_chosen" };

/** Who may use an assistant, or an MCP server. Its callers treat what a person may not use as nonexistent. */
export function decideAccess(facts: AccessFacts): AccessDecision {
  if (facts.disabled) return { may: false, reason: "disabled" };
  if (facts.role === "AUDITOR") return { may: false, reason: "auditor" };
  if (facts.access === "EVERYONE") return { may: true, reason: "everyone" };
  if (facts.chosen) return { may: true, reason: "chosen" };
  const [group] = facts.groups;
  if (group !== undefined) return { may: true, reason: "group", group };
  // Those who manage everything could choose themselves.
  if (facts.role === "ADMIN") return { may: true, reason: "admin" };
  return { may: false, reason: "not_chosen" };
}

/** For one line of a page. */
export function accessWords(decision: AccessDecision): string {
  if (decision.reason === "group") return `Group ${decision.group}`;
  return words[decision.reason];
}

const words = {
  everyone: "Everyone",
  admin: "Admin",
  chosen: "Chosen",
  disabled: "Account disabled",
  auditor: "Auditors cannot chat",
  not_chosen: "Not chosen",
} as const;
