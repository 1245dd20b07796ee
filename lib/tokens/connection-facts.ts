import type { ConnectionFacts } from "@/lib/contracts/connections/connection-standing";
import type { StoredTokenSetRow } from "@/lib/db/stored-token-set";

type Row = Pick<StoredTokenSetRow, Exclude<keyof ConnectionFacts, "refreshable">> &
  Pick<StoredTokenSetRow, "refreshTokenSealed">;

/** What `standingOf` asks of stored tokens. */
export function connectionFacts(row: Row): ConnectionFacts {
  const { expiresAt, rejectedAt, refreshFailures, nextRefreshAt } = row;
  const { lastRefreshError, lastRefreshErrorAt, refreshTokenSealed } = row;
  return {
    ...{ expiresAt, rejectedAt, refreshFailures, nextRefreshAt },
    ...{ lastRefreshError, lastRefreshErrorAt, refreshable: refreshTokenSealed !== null },
  };
}
