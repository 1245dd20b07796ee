import { describe, expect, it } from "vitest";
import type { TokensOfServer } from "@/lib/db/stored-token-set";
import { TokenCache } from "@/lib/tokens/token-cache";
import { Clock } from "@/tests/support/clock";

const owner = { serverId: "server", ownerKey: "shared" };

describe("readings of a row", () => {
  const cache = new TokenCache(new Clock().now);
  let began = 0;
  const row = {} as TokensOfServer;
  const read = (of = owner) =>
    cache.read(of, cache.ticket(), async () => {
      began += 1;
      return row;
    });

  it("are shared by all who ask at the same time, and repeated for later callers", async () => {
    began = 0;
    expect(await Promise.all(Array.from({ length: 50 }, () => read()))).toHaveLength(50);
    expect(began).toBe(1);
    await read();
    expect(began).toBe(2);
  });

  it("are not shared with another owner", async () => {
    began = 0;
    await Promise.all([read(), read({ ...owner, ownerKey: "somebody" })]);
    expect(began).toBe(2);
  });

  it("that started before a change are not given to anyone who asks after it", async () => {
    began = 0;
    const before = read();
    cache.drop("another server");
    await Promise.all([before, read()]);
    expect(began).toBe(2);
  });

  it("that fail are reported to all of them and forgotten", async () => {
    const fail = () => cache.read(owner, cache.ticket(), () => Promise.reject(new Error("gone")));
    const results = await Promise.allSettled([fail(), fail()]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(read()).resolves.toBe(row);
  });
});
