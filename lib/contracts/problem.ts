/** The body of every response that is not a success. */
export interface Problem {
  error: {
    code: string;
    /** What happened and what to do next; safe to show. */
    message: string;
    /** Field path (dotted) → what is wrong and how to fix it. */
    fields?: Record<string, string> | undefined;
    retryAfterMs?: number | undefined;
    /** Finds the request in the log. */
    requestId?: string | undefined;
  };
}

/** Contains the id of the person a page belongs to, with each request from the page. */
export const personHeader = "x-usher-person";
/** The same in links, which have no headers: authorizations and downloads. */
export const personParameter = "page-person";
/** The `code` of the Problem returned until the person has set up two-factor authentication. */
export const twoFactorRequiredCode = "two_factor_required";
/** The `code` of the Problem returned if the session is another person's. */
export const otherPersonCode = "other_person";
