import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createBatchedWriter } from "@/lib/batched-writer";

function writerWith(write: (rows: readonly number[]) => Promise<void>, mostWaiting = 1000) {
  const lost: unknown[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (facts: object) => lost.push(facts),
  };
  const timing = { delayMs: 5, retryMs: 1 };
  const factsOf = (row: number) => ({ row });
  const writer = createBatchedWriter({
    ...{ what: "a number", write, log: log as never, factsOf, mostWaiting, ...timing },
  });
  return { writer, lost };
}

describe("rows queued for writing", () => {
  it("are written together, in order, without anyone asking for it", async () => {
    const batches: number[][] = [];
    const { writer } = writerWith(async (rows) => void batches.push([...rows]));
    for (let row = 0; row < 450; row += 1) writer.add(row);
    expect(batches).toEqual([]);
    await sleep(60);
    expect(batches.map((batch) => batch.length)).toEqual([200, 200, 50]);
    expect(batches.flat()).toEqual(Array.from({ length: 450 }, (_, row) => row));
    expect(writer.isEmpty()).toBe(true);
  });

  it("are written once each, even if some arrive while others are being written", async () => {
    const written: number[] = [];
    const { writer } = writerWith(async (rows) => {
      await sleep(3);
      written.push(...rows);
    });
    for (let row = 0; row < 50; row += 1) {
      writer.add(row);
      if (row % 7 === 0) await sleep(2);
      if (row % 10 === 0) void writer.flush();
    }
    await writer.flush();
    await writer.flush();
    expect(written).toEqual(Array.from({ length: 50 }, (_, row) => row));
  });

  it("are retried until the database is back", async () => {
    let down = true;
    const written: number[] = [];
    const { writer, lost } = writerWith(async (rows) => {
      if (down) throw new Error("down");
      written.push(...rows);
    });
    writer.add(1);
    await writer.flush();
    writer.add(2);
    down = false;
    await expect.poll(() => written).toEqual([1, 2]);
    expect(lost).toEqual([]);
  });

  it("are lost one by one if the database accepts the others, and the log says which", async () => {
    const written: number[] = [];
    const { writer, lost } = writerWith(async (rows) => {
      if (rows.includes(13)) throw new Error("refused");
      written.push(...rows);
    });
    for (const row of [12, 13, 14]) writer.add(row);
    for (let tries = 0; tries < 12; tries += 1) await writer.flush();
    expect(written).toEqual([12, 14]);
    expect(lost).toEqual([{ row: 13, why: "it cannot be written" }]);
  });

  it("are limited in memory", async () => {
    const { writer, lost } = writerWith(async () => {}, 3);
    for (const row of [1, 2, 3, 4]) writer.add(row);
    expect(lost).toEqual([{ row: 4, why: "too many are waiting" }]);
  });
});
