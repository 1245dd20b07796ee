import * as z from "zod";

export const role = z.enum(["ADMIN", "MEMBER", "AUDITOR"]);
export type Role = z.infer<typeof role>;

export const person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  disabled: z.boolean(),
  /** Linked to the identity provider. */
  singleSignOn: z.boolean(),
  /** False: single sign-on is their only way in. */
  hasPassword: z.boolean(),
  /** Signing in by password also asks for a code. */
  twoFactor: z.boolean(),
  lastSignInAt: z.string().nullable(),
  createdAt: z.string(),
});
export type Person = z.infer<typeof person>;

export const invitationView = z.object({
  id: z.string(),
  email: z.string(),
  role,
  expiresAt: z.string(),
  expired: z.boolean(),
  invitedBy: z.string(),
});
export type InvitationView = z.infer<typeof invitationView>;

/** For each role, those who may sign in. */
export const shownPeople = z.enum([
  ...["all", "admins", "members", "auditors", "disabled", "invited"],
] as const);

export const peopleQuery = z.object({
  /** Part of a name or an address, case-insensitive. */
  search: z.string().trim().max(200, "Use at most 200 characters.").optional(),
  show: shownPeople.default("all"),
  /** `next` of the previous page. */
  after: z
    .string()
    .regex(/^[\w-]{1,64}$/, "This is not a page of this list.")
    .optional(),
});
export type PeopleQuery = z.infer<typeof peopleQuery>;

/** By name. */
export const peoplePage = z.object({
  people: z.array(person),
  /** For `after`; null at the end. */
  next: z.string().nullable(),
  /** Only on the first page. */
  first: z
    .object({
      /** Matching open ones, newest first, at most 200. */
      invitations: z.array(invitationView),
      /** How many open ones match. */
      invited: z.number(),
      /** People and open invitations that match. */
      found: z.number(),
      /** All of them. */
      of: z.number(),
    })
    .nullable(),
});
export type PeoplePage = z.infer<typeof peoplePage>;

export const emailAddress = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, "That address is too long.")
  .pipe(z.email("Enter an email address, such as ada@example.com."));

export const inviteInput = z.object({ email: emailAddress, role });
export type InviteInput = z.infer<typeof inviteInput>;

/** The link contains the token; it is shown once and only its hash is stored. */
export const inviteResult = z.object({
  invitation: invitationView,
  link: z.string(),
  /** Usher also mails the link. */
  mailed: z.boolean(),
});
export type InviteResult = z.infer<typeof inviteResult>;

export const personChange = z
  .object({ role: role.optional(), disabled: z.boolean().optional() })
  .refine((change) => change.role !== undefined || change.disabled !== undefined, {
    message: "Say what to change: role or disabled.",
  });
export type PersonChange = z.infer<typeof personChange>;

export const password = z
  .string()
  .min(12, "Use at least 12 characters.")
  .max(200, "Use at most 200 characters.");

const displayName = z
  .string()
  .trim()
  .min(1, "Enter your name.")
  .max(80, "A name may have 80 characters at most.");

export const acceptInvitationInput = z.object({
  token: z.string().min(1).max(200),
  name: displayName,
  password,
});
export type AcceptInvitationInput = z.infer<typeof acceptInvitationInput>;

/** The first start: the person who sets Usher up becomes its admin. */
export const firstAdminInput = z.object({
  /** From the link that the server prints on its first start. */
  code: z.string().max(100),
  name: displayName,
  email: emailAddress,
  password,
});
export type FirstAdminInput = z.infer<typeof firstAdminInput>;

export const changePasswordInput = z.object({
  currentPassword: z.string().min(1, "Enter your current password.").max(200),
  newPassword: password,
});
export type ChangePasswordInput = z.infer<typeof changePasswordInput>;
