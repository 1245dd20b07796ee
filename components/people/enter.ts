/**
 * Signs in with a password that was just chosen and loads `path`. Where that fails the account is
 * there all the same, so it ends on the sign-in page.
 */
export async function enter(email: string, password: string, path: string): Promise<void> {
  const { signIn } = await import("next-auth/react");
  const answer = await signIn("credentials", { email, password, redirect: false }).catch(
    () => undefined,
  );
  const signInPath = `/sign-in?${new URLSearchParams({ callbackUrl: path })}`;
  // A full load: everything on the page is then this person's.
  window.location.assign(answer?.ok && !answer.error ? path : signInPath);
}
