import * as z from "zod";
import { apiScopes } from "./api-scopes";
import { role } from "./people/person";

export const apiScope = z.enum(apiScopes);

/** Who a key acts as: the person who creates it, or a service of the team. */
export const apiKeyOwner = z.enum(["person", "service"]);
export type ApiKeyOwner = z.infer<typeof apiKeyOwner>;

export const longestKeyDays = 3650;

export const apiKeyInput = z
  .object({
    name: z
      .string()
      .trim()
      .min(1, "Enter a name, such as what will use the key.")
      .max(80, "A name may have 80 characters at most."),
    owner: apiKeyOwner,
    /** For a service. A person's key has that person's role. */
    role: role.optional(),
    scopes: z
      .array(apiScope)
      .min(1, "Choose what the key may be used for.")
      .max(apiScopes.length, "Name each scope once."),
    /** Null: it does not expire. */
    expiresInDays: z
      .number()
      .int("Enter whole days.")
      .min(1, "Enter at least 1 day.")
      .max(longestKeyDays, `Enter at most ${longestKeyDays} days, or null for never.`)
      .nullable(),
  })
  .refine(({ owner, role: given }) => (owner === "service") === (given !== undefined), {
    path: ["role"],
    message: "Choose a role for a service. A key of your own has your role.",
  });
export type ApiKeyInput = z.infer<typeof apiKeyInput>;

export const apiKeyState = z.enum(["active", "expired", "owner_disabled"]);
export type ApiKeyState = z.infer<typeof apiKeyState>;

/** Everything about a key except the key itself. Times are ISO 8601. */
export const apiKeyView = z.object({
  id: z.string(),
  name: z.string(),
  /** How the key begins. */
  prefix: z.string(),
  owner: apiKeyOwner,
  /** The person's e-mail address; null for a service. */
  ownerEmail: z.string().nullable(),
  /** The most that the key can do: the person's current role, or the service's. */
  role,
  scopes: z.array(apiScope),
  state: apiKeyState,
  createdBy: z.string().nullable(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
});
export type ApiKeyView = z.infer<typeof apiKeyView>;

/** Newest first. */
export const apiKeyList = z.object({
  own: z.array(apiKeyView),
  /** For admins; null for everyone else. */
  team: z
    .object({
      services: z.array(apiKeyView),
      /** Other people's keys, to be revoked. */
      others: z.array(apiKeyView),
    })
    .nullable(),
  /** The scopes that a new key can have. */
  offered: z.object({
    person: z.array(apiScope),
    service: z.record(role, z.array(apiScope)).nullable(),
  }),
});
export type ApiKeyList = z.infer<typeof apiKeyList>;

/** The only response that contains the key. */
export const apiKeyCreated = z.object({ apiKey: apiKeyView, secret: z.string() });
export type ApiKeyCreated = z.infer<typeof apiKeyCreated>;
