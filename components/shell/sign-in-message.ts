const messages: Readonly<Record<string, string>> = {
  CredentialsSignin: "Email or password is not right.",
  RateLimited: "Too many attempts. Wait 15 minutes, then try again.",
  AccountDisabled: "This account is disabled. Ask an admin of your team to enable it.",
  AccessDenied:
    "Your identity provider let you in, but this Usher did not: the account is disabled, or its email address is not verified. Ask an admin of your team.",
  NoEmail:
    "Your identity provider did not tell us your email address. Ask its administrator to share it with Usher.",
  SessionRequired: "Sign in to continue.",
  Unreachable: "Usher did not answer. Check your connection and try again.",
};

/** next-auth's code, from its answer or from `?error=`, in plain words. */
export function signInMessage(code: string): string {
  const known = Object.hasOwn(messages, code) ? messages[code] : undefined;
  return (
    known ??
    "Signing in did not work. Try again; if it stays, ask whoever runs this Usher to look at its log."
  );
}
