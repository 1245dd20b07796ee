import type { Database } from "@/lib/db/client";
import type { KnownDevice } from "./device-cookie";
import { networkOf } from "./network";
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
  const host = networkOf(ipAddress, { v4: 32, v6: 56 });
  const network = `${email} ${networkOf(ipAddress, { v4: 24, v6: 48 })}`;
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
