/** What happened and what to do next, by code. `{provider}` is the identity provider's name. */
const messages: Readonly<Record<string, string>> = {
  CredentialsSignin: "Incorrect email or password.",
  RateLimited: "Too many attempts. Wait 15 minutes, then try again.",
  SessionRequired: "Sign in to continue.",
  Unreachable: "Usher did not answer. Check your connection and try again.",
  OidcCancelled:
    "Sign-in was cancelled at {provider}, or {provider} does not let you use Usher. Try again, or ask an admin.",
  OidcUnreachable: "{provider} cannot be reached. Wait a moment, then try again.",
  OidcRefused:
    "{provider} and Usher do not agree on the sign-in. Try again. If it happens again, ask an admin to look at Usher’s log.",
  OidcExpired: "Sign-in took too long or was started in another browser. Try again.",
  OidcOff: "No identity provider is set up. Sign in with a password.",
  NoEmail:
    "{provider} did not share your email address. Ask its administrator to share it with Usher.",
  EmailNotVerified:
    "{provider} has not confirmed your email address. Confirm it there, or ask an admin of your team.",
  AccountDisabled: "Your account is disabled. Ask an admin of your team to enable it.",
  LinkRequired:
    "Sign in with your password first. Then link {provider} in Settings, under Your account.",
  OtherIdentity:
    "Your email address belongs to an account that is linked to another user at {provider}. Ask an admin to reset its single sign-on.",
  NotInvited: "You are not invited yet. Ask an admin of your team for an invitation.",
  NotSetUp: "Usher is not set up yet. Open the setup link from the server log first.",
  LinkedElsewhere: "That user at {provider} is linked to another person’s account here.",
  AlreadyLinked: "Your account is already linked to {provider}. Unlink it first.",
  LinkOfSomebodyElse:
    "You signed out or switched accounts in the meantime. Nothing was linked. Try again.",
};

/** A code from next-auth's answer or from the page's URL, in plain words. */
export function signInMessage(code: string, provider = "your identity provider"): string {
  const known = Object.hasOwn(messages, code) ? messages[code] : undefined;
  const text =
    known ??
    "Sign-in failed. Try again. If it keeps failing, ask an admin to check the server log.";
  const message = text.replaceAll("{provider}", () => provider);
  return message.charAt(0).toUpperCase() + message.slice(1);
}
