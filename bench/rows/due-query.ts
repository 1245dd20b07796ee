import { randomUUID } from "node:crypto";
import { createDatabase, type Database } from "@/lib/db/client";
import { claimDueForRefresh } from "@/lib/db/refresh/refresh-lease";
import { type Figure, inMs, ratioFigure } from "../figures";
import { type BenchInstallation, install, sql } from "../installation";
import { assertCorrect, interleave, type Row } from "../row";
import { fillWithTokens, makeDue } from "../token-rows";

const batch = 32;
const due = 64;

/** How the sweep finds what is due, among many that are not. */
export const dueQueryRow: Row = {
  name: "B6",
  title: "The due query",
  async run({ quick, say }) {
    const sizes = quick ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000];
    const places: Place[] = [];
    try {
      for (const size of sizes) {
        say(`${size.toLocaleString("en")} stored tokens`);
        places.push(await fill(size));
      }
      say("with the index");
      const indexed = await interleave<string, number>(
        variantsOf(places, ["indexed"]),
        quick ? { warmUps: 3, rounds: 10 } : { warmUps: 50, rounds: 200 },
      );
      say("with and without it");
      const both = await interleave<string, number>(
        variantsOf(places, ["indexed", "plain"]),
        quick ? { warmUps: 1, rounds: 3 } : { warmUps: 2, rounds: 15 },
      );
      return { figures: figuresOf(sizes, indexed, both), method };
    } finally {
      for (const { installation, indexed, plain } of places) {
        await indexed.db.$disconnect();
        await plain.db.$disconnect();
        await sql(installation.database.url, `DROP DATABASE "${plain.name}" WITH (FORCE)`);
        await installation.close();
      }
    }
  },
};

function variantsOf(places: Place[], kinds: readonly ("indexed" | "plain")[]) {
  return Object.fromEntries(
    places.flatMap((place) =>
      kinds.map((kind) => [`${kind} ${place.size}`, () => claim(place[kind])]),
    ),
  );
}

interface Place {
  size: number;
  installation: BenchInstallation;
  indexed: Opened;
  plain: Opened;
}
type Opened = { db: Database; url: string; name: string };

async function fill(size: number): Promise<Place> {
  const installation = await install();
  await installation.app.db.$disconnect();
  const { url } = installation.database;
  await fillWithTokens(url, size);
  await makeDue(url, "owner", due);
  const name = `plain_${randomUUID()}`;
  const plain = await copyDatabase(url, name);
  await sql(plain, `DROP INDEX "StoredTokenSet_due_for_refresh"`);
  await sql(plain, `ANALYZE "StoredTokenSet"`);
  const open = (address: string) => ({
    db: createDatabase(address, { connections: 1 }),
    url: address,
    name,
  });
  return { size, installation, indexed: open(url), plain: open(plain) };
}

/** @returns how long it took to claim a batch, in ms; the claim is given back afterwards */
async function claim({ db }: Opened): Promise<number> {
  const leaseId = randomUUID();
  const startedAt = performance.now();
  const rows = await claimDueForRefresh(db, new Date(), batch, leaseId, 60_000);
  const elapsed = performance.now() - startedAt;
  assertCorrect(rows.length === batch, `${rows.length} of ${batch} rows were claimed`);
  await db.storedTokenSet.updateMany({
    where: { id: { in: rows.map(({ id }) => id) } },
    data: { leaseId: null, leaseUntil: null },
  });
  return elapsed;
}

function figuresOf(
  sizes: number[],
  indexed: Record<string, number[]>,
  both: Record<string, number[]>,
): Figure[] {
  const alone = (size: number) => indexed[`indexed ${size}`] ?? [];
  const of = (kind: "indexed" | "plain", size: number) => both[`${kind} ${size}`] ?? [];
  const [smallest = 0] = sizes;
  const largest = sizes.at(-1) ?? 0;
  const words = (size: number) => size.toLocaleString("en");
  return [
    {
      ...ratioFigure({
        what: `claiming ${batch} due tokens of ${words(largest)}`,
        against: `of ${words(smallest)}`,
        ...{ of: [alone(largest), alone(smallest)], words: inMs, bar: { atMost: 2 } },
      }),
      detail: sizes.map((size) => `${words(size)}: ${inMs(alone(size))}`).join(", "),
    },
    ...sizes.map((size) =>
      ratioFigure({
        what: `claiming ${batch} due tokens of ${words(size)}`,
        against: "without the index",
        ...{ of: [of("indexed", size), of("plain", size)], words: inMs },
      }),
    ),
  ];
}

/** A copy of a whole database, by its server. */
async function copyDatabase(url: string, name: string): Promise<string> {
  const from = new URL(url);
  const administration = new URL(url);
  administration.pathname = "/postgres";
  await sql(administration.href, `CREATE DATABASE "${name}" TEMPLATE "${from.pathname.slice(1)}"`);
  from.pathname = name;
  return from.href;
}

const method = `The sweep's own statement, sent as the sweep sends it, claims ${batch} of ${due} due rows; then the claim is given back, untimed. All other rows are due in a day or have nothing to refresh. The databases without the index are copies of those with it.`;
