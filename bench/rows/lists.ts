import pg from "pg";
import { fillAtScale, fullSize, type ScaleSizes } from "@/scripts/seed-scale/fill";
import { visitorFor } from "@/tests/support/installation";
import { bundle } from "../bundle.mjs";
import { Child } from "../child";
import { countFigure, type Figure, quantile } from "../figures";
import { type BenchInstallation, install } from "../installation";
import type { Caller } from "../processes/callers";
import { assertCorrect, type Row } from "../row";
import { startUsherApp } from "../web-apps";

const concurrency = 16;

const quickSize: ScaleSizes = {
  ...{ servers: 30, assistants: 10, serversPerAssistant: 5, toolsPerServer: 10 },
  ...{ people: 60, tokenSets: 500, auditEvents: 20_000 },
};

/** `assistant-10` is one whose servers have changed every tool since it was accepted. */
const lists: readonly { who: Person; path: string }[] = [
  ...asked("admin", [
    "/api/chat/assistants",
    "/api/assistants",
    "/api/assistants/assistant-1",
    "/api/assistants/assistant-10",
    "/api/assistants/form-context",
    "/api/mcp-servers",
    "/api/mcp-servers/server-1",
    "/api/connections",
    "/api/connections/everyone",
    ...["person", "server", "used", "ends"].map((sort) => `/api/connections/everyone?sort=${sort}`),
    ...["failing", "needs_authorization", "expiring", "unused_30", "unused_90", "disabled"].map(
      (show) => `/api/connections/everyone?show=${show}`,
    ),
    "/api/connections/everyone?search=nobody",
    "/api/connections/everyone?search=a",
    "/api/connections/everyone?search=person-7",
    "/api/connections/everyone?search=knuth&sort=person",
    "/api/connections/everyone?person=person-7",
    "/api/connections/everyone?server=server-1",
    "/api/people",
    "/api/audit",
    "/api/audit?person=nobody",
    "/api/audit?server=nobody",
    "/api/audit?person=zz",
    "/api/audit?person=person-7",
    "/api/audit?action=client",
    ...["group-1", "group-2", "nobody"].map((group) => `/api/audit?group=${group}`),
    ...["person-7@crm.example", "account-1", "nobody"].map(
      (account) => `/api/audit?account=${account}`,
    ),
    ...["failed", "succeeded"].map((outcome) => `/api/audit?outcome=${outcome}`),
    "/api/audit?outcome=failed&group=group-2",
    "/api/audit?outcome=failed&person=person-7",
    "/api/audit?outcome=failed&server=server-1",
    "/api/notices",
    "/api/webhooks",
    "/api/groups",
    "/api/people?search=knuth",
    "/api/people/person-7",
    "/api/refreshes",
    "/api/chat/conversations",
  ]),
  ...asked("member", [
    "/api/chat/assistants",
    "/api/assistants",
    "/api/connections",
    "/api/chat/conversations",
    "/api/notices",
  ]),
];

type Person = "admin" | "member";

function asked(who: Person, paths: readonly string[]) {
  return paths.map((path) => ({ who, path }));
}

/** Every list and page's data of a large team, as its people's browsers ask for them. */
export const listsRow: Row = {
  name: "B15",
  title: "Lists at scale",
  async run({ quick, say }) {
    const installation = await install();
    const load = await startCaller();
    try {
      const sizes = quick ? quickSize : fullSize;
      await fill(installation, sizes, say);
      const usher = await startUsherApp(installation);
      try {
        const cookies = {
          admin: await cookieOf(installation, "person-1"),
          member: await cookieOf(installation, "person-2"),
        };
        const measured: Measured[] = [];
        for (const { who, path } of lists) {
          const url = usher.url + path;
          measured.push(await measure(load, { who, path, url, cookie: cookies[who] }, quick));
          say(lineOf(measured.at(-1)));
        }
        return {
          figures: figuresOf(measured),
          comparison: tableOf(measured),
          method: method(sizes),
        };
      } finally {
        await usher.stop();
      }
    } finally {
      await load.stop();
      await installation.close();
    }
  },
};

async function startCaller(): Promise<Child<Caller>> {
  const file = await bundle("usher", ["processes/callers"]);
  return Child.start<Caller>(file("processes/callers"));
}

async function fill(
  { app, database }: BenchInstallation,
  sizes: ScaleSizes,
  say: (line: string) => void,
): Promise<void> {
  const client = new pg.Client(database.url);
  await client.connect();
  try {
    await fillAtScale(client, app.db, sizes, say);
  } finally {
    await client.end();
  }
}

async function cookieOf({ app }: BenchInstallation, id: string): Promise<string> {
  const user = await app.db.user.findUniqueOrThrow({ where: { id } });
  const { cookies } = await visitorFor(app, user);
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

interface Measured {
  who: Person;
  path: string;
  p50: number;
  p95: number;
  kb: number;
}

async function measure(
  load: Child<Caller>,
  { who, path, url, cookie }: { who: Person; path: string; url: string; cookie: string },
  quick: boolean,
): Promise<Measured> {
  const headers = { cookie };
  const response = await fetch(url, { headers });
  const answer = await response.text();
  assertCorrect(response.status === 200, `${path} answered ${response.status}`);
  // A sweep that runs meanwhile is listed.
  const expected = path === "/api/refreshes" ? null : answer;
  const gets = (calls: number) =>
    load.run("gets", { url, headers, answer: expected, calls, concurrency });
  await gets(concurrency);
  const { latencies } = await gets(quick ? 2 * concurrency : 20 * concurrency);
  return {
    ...{ who, path, kb: Buffer.byteLength(answer) / 1000 },
    ...{ p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) },
  };
}

function figuresOf(measured: readonly Measured[]): Figure[] {
  const slowest = measured.toSorted((one, other) => other.p95 - one.p95)[0];
  const largest = measured.toSorted((one, other) => other.kb - one.kb)[0];
  assertCorrect(slowest !== undefined && largest !== undefined, "nothing was asked for");
  return [
    countFigure(`p95 of the slowest, ${concurrency} at once`, "a fixed bar", slowest.p95, {
      ...{ unit: "ms", bar: { atMost: 300 }, detail: `${slowest.path}, ${slowest.who}` },
    }),
    countFigure("the largest answer, uncompressed", "a fixed bar", largest.kb, {
      ...{ unit: "kB", bar: { atMost: 200 }, detail: `${largest.path}, ${largest.who}` },
    }),
  ];
}

function tableOf(measured: readonly Measured[]): string[][] {
  return [["Request", "Of", "p50", "p95", "Size"], ...measured.map((each) => cells(each))];
}

function cells({ who, path, p50, p95, kb }: Measured): string[] {
  return [
    `\`${path}\``,
    who,
    `${p50.toFixed(0)} ms`,
    `${p95.toFixed(0)} ms`,
    `${kb.toFixed(0)} kB`,
  ];
}

function lineOf(measured: Measured | undefined): string {
  return measured ? cells(measured).join("  ") : "";
}

function method(sizes: ScaleSizes): string {
  const { servers, assistants, serversPerAssistant, people, tokenSets, auditEvents } = sizes;
  const count = (value: number) => value.toLocaleString("en");
  return `\`npm run seed:scale\`: ${servers} servers with ${sizes.toolsPerServer} tools each, ${assistants} assistants with ${serversPerAssistant} servers each, ${count(people)} people, ${count(tokenSets)} token sets, ${count(auditEvents)} audit events. The production build, served by \`next start\`, one process; ${concurrency} requests at a time over kept connections, from another process of the same machine, as is Postgres. \`assistant-10\` is one of those whose servers changed every tool since it was accepted. Every answer is compared with the first, but for refreshes, which change with each sweep.`;
}
