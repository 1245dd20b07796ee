import { StoredTokens } from "../peers/stored-tokens";
import { callAtOnce, type HerdPeer } from "./herd";

/** What the client of the official SDK has in both of its versions. */
interface SdkClient {
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<object>;
  close(): Promise<void>;
}

/** A herd at one version of it, with tokens kept as its documentation says. */
export function sdkHerd(
  connect: (url: URL, authProvider: StoredTokens) => Promise<SdkClient>,
): HerdPeer {
  let client: SdkClient | null = null;
  return {
    async begin(grant) {
      client = await connect(new URL(grant.url), new StoredTokens(grant));
    },

    async expire() {},

    call({ callers }) {
      return callAtOnce(async (text) => {
        const result = await client?.callTool({ name: "echo", arguments: { text } });
        const { content: [first] = [] } = (result ?? {}) as { content?: { text?: string }[] };
        return first?.text ?? "";
      }, callers);
    },

    async end() {
      await client?.close();
    },
  };
}
