import { presetFor } from "./provider-presets";

/**
 * What to send as `prompt` so that a person can choose another account: as the provider's metadata say, or
 * as is known of it. Null: nothing is known, and they have to sign out there first.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
 */
export function accountPromptOf(client: {
  accountPrompt: string | null;
  authorizationEndpoint: string;
}): string | null {
  return client.accountPrompt ?? presetFor(client.authorizationEndpoint)?.accountPrompt ?? null;
}

/**
 * Together with what is sent as `prompt` anyway. `none` forbids to ask, and Microsoft takes one value
 * only, so that it stands alone there.
 */
export function withAccountPrompt(
  prompt: string | undefined,
  accountPrompt: string,
  authorizationEndpoint: string,
): string {
  if (presetFor(authorizationEndpoint)?.id === "entra") return accountPrompt;
  const others = (prompt ?? "").split(" ").filter((each) => each !== "" && each !== "none");
  return [...new Set([accountPrompt, ...others])].join(" ");
}
