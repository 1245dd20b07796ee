import { ownVariables } from "@/lib/env/own-variables";
import { ConfigurationError } from "@/lib/errors";

/** What people may write here is theirs: a `#`, a bracket or a quotation mark may be meant. */
const freeText = new Set([
  ...["ADMIN_PASSWORD", "NEXTAUTH_SECRET", "OIDC_CLIENT_SECRET", "OIDC_NAME", "EMAIL_FROM"],
  ...["SECRETS_ENCRYPTION_KEY_COMMAND", "SECRETS_ENCRYPTION_KEYS_OLD_COMMAND"],
]);

const quoted = /^(["'`]).*\1$|^[“”„«].*[”“»]$|^[‘’‚].*[’‘]$/s;
const quotedOnOneSide = /^["'`“”„‘’][^"'`“”‘’]*$|^[^"'`“”„‘’]*["'`“”‘’]$/s;
/** As the `.env` of a shell has it. Docker's --env-file keeps it as part of the value. */
const comment = /^#|\s#/;
/** An example, or a shell's expression that no shell has read. */
const placeholder =
  /^<[^<>@]+>$|^\$\(.*\)$|^\$\{\w+\}$|^(change[-_ ]?(me|it|this)[-_!]*)+$|^your[-_][\w-]*(key|secret|token|password|here)$|^\S{0,8}\.\.\.$/i;
const placeholderInside = /<[\w -]+>|\$\{\w+\}|\$\(.+\)|\[your[^\]]*\]|\{tenant[^}]*\}/i;
/** Comes along when text is copied from a page. Lists may have line breaks. */
const invisible = /[\u200b-\u200f\u2060\ufeff]|(?![\t\n\r])\p{Cc}/u;

/**
 * What is left in a value from the file or page it comes from, in a sentence that does not repeat it. A shell removes
 * quotation marks and comments; Docker's --env-file and Kubernetes pass them on. Null: nothing.
 */
export function leftoverProblem(name: string, value: string): string | null {
  if (quoted.test(value)) {
    return `${name} is in quotation marks, which are not part of it. Remove them.`;
  }
  if (placeholder.test(value)) return `${name} is still an example. Write the real value.`;
  if (freeText.has(name)) return null;
  if (comment.test(value)) {
    return `${name} has a comment after “#”, which is read as part of the value here. Put the comment on its own line.`;
  }
  if (quotedOnOneSide.test(value)) {
    return `${name} has a quotation mark at one end, which is not part of it. Remove it.`;
  }
  if (placeholderInside.test(value)) {
    return `${name} still contains part of an example. Write the real value.`;
  }
  return invisible.test(value)
    ? `${name} contains an invisible character. Type the value again instead of pasting it.`
    : null;
}

/** Before anything else is checked, since every other problem would mislead. @throws ConfigurationError */
export function refuseLeftovers(optional: (name: string) => string | null): void {
  const problems = ownVariables.flatMap(
    (name) => leftoverProblem(name, optional(name) ?? "") ?? [],
  );
  if (problems.length > 0) throw new ConfigurationError(problems);
}
