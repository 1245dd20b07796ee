import { filler } from "./lean-mcp-server-answer";

/** What came of many calls that were made in the same moment. */
export interface HerdOutcome {
  served: number;
  /** Of the calls that failed, what each kind of failure said. */
  failures: string[];
  elapsedMs: number;
}

/** What an OAuth client has after a consent, whoever it is. */
export interface Grant {
  /** Of the MCP server, which is the resource. */
  url: string;
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  scope: string;
  tokens: { access_token: string; refresh_token: string; token_type: string; expires_in: number };
}

/** A process in which a peer calls, as its documentation says. */
export type HerdPeer = {
  /** Connects with this grant and its valid tokens. */
  begin(grant: Grant): Promise<void>;
  /** By its own clock the access token has expired, where it has one. */
  expire(): Promise<void>;
  call(herd: { callers: number }): Promise<HerdOutcome>;
  end(): Promise<void>;
};

/** Calls the `echo` tool so often at once and checks every answer. */
export async function callAtOnce(
  call: (text: string) => Promise<string>,
  callers: number,
): Promise<HerdOutcome> {
  const failures = new Set<string>();
  let served = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      const text = `caller ${caller}`;
      try {
        const answer = await call(text);
        if (answer === `${text}\n${filler}`) served += 1;
        else failures.add(`A wrong answer: ${answer.slice(0, 100)}`);
      } catch (error) {
        failures.add(String(error).slice(0, 200));
      }
    }),
  );
  return { served, failures: [...failures], elapsedMs: performance.now() - startedAt };
}
