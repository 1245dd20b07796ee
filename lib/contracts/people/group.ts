import * as z from "zod";
import { type AccessMode, accessMode } from "../access";
import { role } from "./person";

export const membershipSource = z.enum(["HAND", "CLAIM"]);

/** A group's role is given at sign-in, to its members by the claim. Without the claim's value no one would get it. */
export function roleProblem(group: { role: unknown; claimValue: string | null }): string | null {
  return group.role !== null && !group.claimValue
    ? "A role needs a claim value. Give the claim's value, or leave the role out."
    : null;
}

export const groupInput = z
  .object({
    name: z
      .string()
      .trim()
      .min(1, "Enter a name.")
      .max(80, "A name may have 80 characters at most."),
    description: z.string().trim().max(500, "Use at most 500 characters."),
    /** Its name in the identity provider's claim. Empty: members are only added by hand. */
    claimValue: z.string().trim().max(200, "Use at most 200 characters."),
    /** The role that its members by the claim get at sign-in; null: their role stays. */
    role: role.exclude(["MEMBER"]).nullable(),
    /** Its members by hand. */
    userIds: z.array(z.string().max(64)).max(2_000, "A group may have 2,000 members by hand."),
  })
  .superRefine((group, { addIssue }) => {
    const message = roleProblem(group);
    if (message !== null) addIssue({ code: "custom", path: ["role"], message });
  });
export type GroupInput = z.infer<typeof groupInput>;

export const groupSummary = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  claimValue: z.string().nullable(),
  role: role.nullable(),
  /** How many people. */
  members: z.number(),
});
export type GroupSummary = z.infer<typeof groupSummary>;

export interface GroupList {
  groups: GroupSummary[];
  /** OIDC_GROUPS_CLAIM; null: sign-in reads no groups. */
  claim: string | null;
}

export interface NamedPerson {
  id: string;
  name: string;
  email: string;
}

export type GroupDetail = Omit<GroupSummary, "members"> & {
  /** By name. A person in it both ways is listed twice. */
  members: (NamedPerson & { source: z.infer<typeof membershipSource> })[];
};

/** Who may use one assistant or MCP server. */
export interface AccessSetting {
  name: string;
  access: AccessMode;
  people: NamedPerson[];
  groups: { id: string; name: string }[];
}

export const accessInput = z.object({
  access: accessMode,
  userIds: z.array(z.string().max(64)).max(500, "Choose at most 500 people, or create a group."),
  groupIds: z.array(z.string().max(64)).max(500, "Choose at most 500 groups."),
});
export type AccessInput = z.infer<typeof accessInput>;
