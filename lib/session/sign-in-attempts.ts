import type { Database } from "@/lib/db/client";
import { clientNetwork, networkOf } from "./client";
import type { KnownDevice } from "./device-cookie";
import {
  countAttempt,
  enforceRateLimit,
  forgiveOne,
  forgiveRateLimit,
  refuseBeyond,
  signInPerAccount,
  signInPerAddress,
  signInPerAddressUnderAttack,
  signInPerClient,
  signInPerDevice,
} from "./rate-limit";

interface AttemptContext {
  db: Database;
  now: () => Date;
}

/** An attempt that may be made. It counts as a failure until it has succeeded. */
interface Attempt {
  succeeded(): Promise<void>;
}

/**
 * Whether a password may be tried for an address. A browser that has signed in to this account before
 * has tries of its own, which nobody else can use up. All others share those of their network, which
 * are fewer while failures for this address come from everywhere; no number of networks ends those of
 * another one.
 * @throws RateLimitedError
 */
export async function admitAttempt(
  ctx: AttemptContext,
  attempt: { email: string; ipAddress: string | null; device: KnownDevice | null },
): Promise<Attempt> {
  const { email, ipAddress, device } = attempt;
  if (device) {
    const tries = await countAttempt(ctx, signInPerDevice, device.id);
    if (tries.count <= signInPerDevice.limit) {
      return { succeeded: () => forgiveRateLimit(ctx, signInPerDevice, device.id) };
    }
    // Used up, by its owner or by a thief of its cookie: from here on it is like any other.
  }
  const host = clientNetwork(ipAddress);
  const network = addressKey(email, ipAddress);
  await enforceRateLimit(ctx, signInPerClient, host);
  const fromHere = await countAttempt(ctx, signInPerAddress, network);
  refuseBeyond(ctx, signInPerAddress, fromHere);
  const fromEverywhere = await countAttempt(ctx, signInPerAccount, email);
  if (fromEverywhere.count > signInPerAccount.limit) {
    refuseBeyond(ctx, signInPerAddressUnderAttack, fromHere);
  }
  return {
    succeeded: async () => {
      await forgiveOne(ctx, signInPerClient, host);
      await forgiveOne(ctx, signInPerAccount, email);
      await forgiveRateLimit(ctx, signInPerAddress, network);
    },
  };
}

/**
 * Whoever has just proven by a reset link whose account it is may sign in from where they are, however
 * often the old password was mistyped there.
 */
export function forgiveFailures(
  ctx: Pick<AttemptContext, "db">,
  email: string,
  ipAddress: string | null,
): Promise<void> {
  return forgiveRateLimit(ctx, signInPerAddress, addressKey(email, ipAddress));
}

function addressKey(email: string, ipAddress: string | null): string {
  return `${email} ${networkOf(ipAddress, { v4: 24, v6: 48 })}`;
}
