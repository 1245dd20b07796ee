import { describe, expect, it } from "vitest";
import { importCycles } from "@/tests/support/import-cycles";
import { functionLengths, readSourceFiles, type SourceFile } from "@/tests/support/source-file";

/**
 * Who may import whom, downwards; a part may always import itself. `values` are what runs, `types`
 * what a part knows only by type, because it is handed in. A part without a line here may import nothing.
 */
const parts: Record<string, { values: string[]; types?: string[] }> = {
  errors: { values: [] },
  "parse-url": { values: [] },
  "bounded-json": { values: [] },
  "untrusted-text": { values: [] },
  "joined-stream": { values: [] },
  "retry-after": { values: [] },
  "tls-fault": { values: [] },
  contracts: { values: ["parse-url", "untrusted-text"] },
  log: { values: ["errors"], types: ["env"] },
  "short-lived": { values: [] },
  "batched-writer": { values: [], types: ["log"] },
  "work-under-way": { values: [], types: ["log"] },
  "queue-timers": { values: [] },
  // Rules that a form checks too.
  env: { values: ["errors", "vault", "parse-url", "contracts"] },
  oauth: {
    values: [
      ...["errors", "contracts", "net", "bounded-json", "parse-url", "untrusted-text"],
      "retry-after",
    ],
  },
  vault: { values: ["errors"] },
  // Who may use an assistant or a server: every user of one asks here.
  access: { values: ["errors", "contracts", "db"] },
  // Events are published here; the sender is handed a fetch.
  webhooks: {
    values: [
      ...["errors", "contracts", "vault", "db", "net", "untrusted-text", "queue-timers"],
      "retry-after",
    ],
    types: ["log", "session", "work-under-way"],
  },
  // Every mail to a person is queued here.
  email: {
    values: ["contracts", "vault", "db", "untrusted-text", "queue-timers", "tls-fault"],
    types: ["env", "log", "work-under-way"],
  },
  // What needs a person's attention. The sweep runs it.
  notices: { values: ["contracts", "db", "access", "untrusted-text"], types: ["email", "log"] },
  net: {
    values: ["errors", "parse-url", "bounded-json", "joined-stream", "tls-fault"],
    types: ["env"],
  },
  // A column that ends in `Sealed` takes a sealed box by its type.
  db: { values: ["errors", "untrusted-text", "tls-fault"], types: ["vault", "contracts"] },
  servers: {
    values: ["errors", "contracts", "vault", "db", "oauth", "net", "short-lived", "parse-url"],
    types: ["env", "log"],
  },
  registry: {
    values: ["errors", "contracts", "net", "bounded-json", "parse-url", "untrusted-text"],
  },
  catalogue: { values: ["contracts", "parse-url"] },
  retention: { values: ["db"], types: ["env", "log"] },
  tokens: {
    values: [
      ...["errors", "contracts", "oauth", "vault", "servers", "db", "flows", "short-lived"],
      ...["retention", "work-under-way", "parse-url", "access", "notices"],
    ],
    types: ["env", "log", "net", "telemetry", "webhooks", "email"],
  },
  authorization: {
    values: [
      ...["errors", "contracts", "oauth", "discovery", "vault", "servers", "db", "tokens"],
      ...["session", "parse-url", "work-under-way", "access"],
    ],
    types: ["env", "flows", "log", "net", "telemetry"],
  },
  mcp: {
    values: [
      ...["errors", "contracts", "net", "oauth", "parse-url", "bounded-json", "untrusted-text"],
      ...["joined-stream", "retry-after"],
    ],
    types: ["env", "log"],
  },
  discovery: {
    values: ["errors", "contracts", "net", "oauth", "parse-url", "bounded-json", "untrusted-text"],
    types: ["log"],
  },
  calls: {
    values: [
      ...["errors", "contracts", "net", "oauth", "db", "mcp", "servers", "tokens", "access"],
      "notices",
      // A freshly read list of tools ends what people always allowed for tools that changed.
      "assistants",
    ],
    types: ["audit", "env", "flows", "log", "short-lived", "vault"],
  },
  flows: { values: ["errors", "contracts", "db", "batched-writer"], types: ["log", "oauth"] },
  audit: { values: ["errors", "contracts", "db", "batched-writer"], types: ["log"] },
  assistants: {
    values: ["errors", "contracts", "db", "servers", "access", "untrusted-text"],
    types: ["env", "log"],
  },
  "config-file": {
    values: [
      ...["errors", "contracts", "db", "access", "servers", "assistants", "vault", "notices"],
      "untrusted-text",
    ],
  },
  people: {
    values: [
      ...["errors", "contracts", "db", "session", "access", "tokens", "servers"],
      ...["audit", "work-under-way", "email", "untrusted-text"],
    ],
    types: ["env", "log"],
  },
  "get-started": { values: ["contracts", "db", "chat"] },
  // Tokens are handed in as a function.
  chat: {
    values: [
      "errors",
      "contracts",
      "db",
      "mcp",
      "assistants",
      "access",
      "vault",
      "parse-url",
      "bounded-json",
      "untrusted-text",
      "joined-stream",
      "retry-after",
    ],
    types: ["env", "log", "calls", "telemetry"],
  },
  session: {
    values: [
      ...["errors", "contracts", "db", "app", "http", "vault", "short-lived", "parse-url"],
      "untrusted-text",
      // The tokens of a sign-in are refreshed by the rules of every refresh, under the same kind of lease.
      ...["oauth", "tokens"],
    ],
    types: ["env", "log", "work-under-way"],
  },
  http: {
    values: [
      ...["errors", "contracts", "app", "session", "authorization", "bounded-json", "db"],
      ...["work-under-way", "parse-url"],
    ],
    types: ["env", "log", "net"],
  },
  support: {
    values: [
      "errors",
      "db",
      "flows",
      "oauth",
      "servers",
      "tokens",
      "authorization",
      "chat",
      "untrusted-text",
      "contracts",
      "doctor",
    ],
    types: ["env", "log", "vault"],
  },
  doctor: {
    values: [
      ...["errors", "contracts", "db", "net", "vault", "rotation", "chat", "http", "session"],
      ...["parse-url", "work-under-way", "email"],
    ],
    types: ["env"],
  },
  queries: { values: ["contracts"] },
  openapi: { values: ["contracts", "session"] },
  // Re-seals what each of these has sealed, in the places that each of them names.
  rotation: {
    values: [
      ...["errors", "vault", "db", "servers", "tokens", "authorization", "chat", "webhooks"],
      ...["session", "email"],
    ],
  },
};
// The composition root and what it does once.
// Loaded at startup, and only where it is switched on.
parts.telemetry = { values: ["errors", "db", "work-under-way"], types: ["app"] };
parts.app = { values: Object.keys(parts) };
parts.boot = { values: Object.keys(parts) };
parts.shutdown = { values: Object.keys(parts) };

/** What these files load, each with the way that leads there. */
function reachedFrom(
  begin: readonly SourceFile[],
  known: ReadonlyMap<string, SourceFile>,
  counts: (one: SourceFile["imports"][number]) => boolean,
): Map<string, string> {
  const reached = new Map<string, string>();
  const follow = (file: SourceFile, way: string) => {
    for (const found of file.imports) {
      const { target } = found;
      if (found.isTypeOnly || reached.has(target) || !counts(found)) continue;
      reached.set(target, way);
      const next = known.get(target);
      if (next && !target.startsWith("lib/db/")) follow(next, `${way} > ${target}`);
    }
  };
  for (const file of begin) follow(file, file.path);
  return reached;
}

/** What imports lib from outside, by the files it reaches. */
const outside = [
  {
    // A route handler parses, lets session and permission decide, calls the verb and maps its answer.
    name: "route handlers",
    files: /^app\/.*\/route\.ts$/,
    mayImport:
      /^lib\/(access|app|http|session|contracts|errors|assistants|audit|authorization|calls|catalogue|chat|db|discovery|doctor|flows|get-started|notices|openapi|people|registry|servers|support|tokens|webhooks)(\/|$)/,
    mayNotImport: /^lib\/db\/(client|generated)/,
  },
  {
    // Pages outside the workspace ask who may come in; some pages load their first data on the server.
    name: "pages",
    files: /^app\/(?!.*\/route\.ts$)/,
    mayImport:
      /^(app|components|lib\/(app|authorization|http|session|contracts|queries|openapi|people|chat|get-started|notices|support))(\/|$)/,
  },
  {
    name: "components",
    files: /^components\//,
    mayImport: /^(components|lib\/(queries|contracts|parse-url|bounded-json|untrusted-text))(\/|$)/,
  },
];

/** Still longer than a file may be, with their limit until they are split. Remove lines, add none. */
const longFiles: Record<string, number> = {
  "lib/errors.ts": 280,
};

/** Still with more files than a folder may have, with their limit. Remove lines, add none. */
const fullFolders: Record<string, number> = {};

const files = readSourceFiles("app", "components", "lib");
const inFolder = (folder: string) => files.filter(({ path }) => path.startsWith(`${folder}/`));

/** Every finding as `path: what is wrong`; an empty list passes. */
function findings(of: SourceFile[], wrong: (file: SourceFile) => string[]): string[] {
  return of.flatMap((file) => wrong(file).map((what) => `${file.path}: ${what}`));
}

describe("imports", () => {
  it("point downwards within lib", () => {
    const wrong = findings(inFolder("lib"), ({ path, imports }) => {
      const part = partOf(path);
      const rule = parts[part];
      if (!rule) {
        return [
          `is in "${part}", which is not listed among the parts in architecture.test.ts. Add it`,
        ];
      }
      return imports
        .filter(({ target }) => isOurs(target))
        .filter(({ target, isTypeOnly }) => {
          const imported = partOf(target);
          if (!target.startsWith("lib/")) return true;
          if (imported === part || rule.values.includes(imported)) return false;
          return !(isTypeOnly && rule.types?.includes(imported));
        })
        .map(
          ({ target, isTypeOnly }) =>
            `imports ${isTypeOnly ? "types of " : ""}${target}, but imports point down (see the parts in architecture.test.ts). Pass it in, or move what both need further down`,
        );
    });
    expect(wrong).toEqual([]);
  });

  it.each(outside)(
    "of $name reach lib only at its edges",
    ({ name, files: which, mayImport, mayNotImport }) => {
      const wrong = findings(
        files.filter(({ path }) => which.test(path)),
        ({ imports }) =>
          imports
            .filter(({ target }) => isOurs(target))
            .filter(({ target }) => !mayImport.test(target) || mayNotImport?.test(target))
            .map(
              ({ target }) =>
                `imports ${target}, which is inside another part. ${name} may import only the folders listed in architecture.test.ts`,
            ),
      );
      expect(wrong).toEqual([]);
    },
  );

  it("form no cycle", () => {
    // Each cycle is listed by its files. Move the type or function that both ends need into its own file.
    expect(importCycles(files)).toEqual([]);
  });

  it("reach the Prisma client only from lib/db", () => {
    const wrong = findings(
      files.filter(({ path }) => !path.startsWith("lib/db/")),
      ({ imports }) =>
        imports
          .filter(({ target }) => /^(lib\/db\/generated|@prisma\/|pg$)/.test(target))
          .map(
            ({ target }) => `imports ${target}; only lib/db may. Add the query to its table's file`,
          ),
    );
    expect(wrong).toEqual([]);
  });

  it("lead from browser code to no Node module and not to the database", () => {
    // The browser tests render the chat's parts alone, bundled with what they import.
    const drawn = readSourceFiles("tests/e2e/answers/page.tsx");
    const known = new Map(
      [...files, ...drawn].map((file) => [file.path.replace(/\.tsx?$/, ""), file]),
    );
    const reached = reachedFrom([...inFolder("components"), ...drawn], known, () => true);
    const wrong = [...reached].filter(([target]) =>
      /^(node:|lib\/db\/|@prisma\/|pg$)/.test(target),
    );
    expect(wrong.map(([target, way]) => `${way}: reaches ${target}`)).toEqual([]);
  });

  it("lead from a start to nothing that its first answers can do without", () => {
    const known = new Map(files.map((file) => [file.path.replace(/\.tsx?$/, ""), file]));
    const begin = readSourceFiles("instrumentation-node.ts");
    const reached = reachedFrom(begin, known, ({ isDynamic }) => !isDynamic);
    const late =
      /^(@modelcontextprotocol\/client|@opentelemetry\/|ai$|@ai-sdk\/|nodemailer|yaml|next-auth|jose$|oauth4webapi|lib\/calls\/|lib\/tokens\/refresh)/;
    const wrong = [...reached].filter(([target]) => late.test(target));
    expect(wrong.map(([target, way]) => `${way}: loads ${target} at each start`)).toEqual([]);
  });

  it("create the context and the Prisma client only at the start, as Next copies what a route imports", () => {
    const onlyOnce: Record<string, RegExp> = {
      "lib/app": /^(instrumentation-node\.ts|demo\/|scripts\/)/,
      "lib/db/generated/client": /^lib\/db\/client\.ts$/,
    };
    const wrong = findings(files, ({ path, imports }) =>
      imports.flatMap(({ target, isTypeOnly }) => {
        const allowed = onlyOnce[target];
        return allowed && !isTypeOnly && !allowed.test(path)
          ? [`imports ${target}, and each route would hold a copy of it`]
          : [];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe("files", () => {
  it("check whether a text is a URL only in lib/parse-url.ts, which says why", () => {
    const wrong = findings(files, ({ code }) =>
      /\bURL\s*\.\s*canParse\b/.test(code) ? ["asks URL.canParse. Use lib/parse-url.ts"] : [],
    );
    expect(wrong).toEqual([]);
  });

  it("leave the format of dates, times and numbers to lib/contracts/format", () => {
    const wrong = findings(
      files.filter(({ path }) => !/^lib\/contracts\/format(-day)?\.ts$/.test(path)),
      ({ code }) =>
        /\bIntl\s*\.|\.\s*toLocale(Date|Time)?String\b|\.\s*to(Date|Time|GMT|UTC)String\b/.test(
          code,
        )
          ? ["formats a date or a number. Use lib/contracts/format, so that all pages agree"]
          : [],
    );
    expect(wrong).toEqual([]);
  });

  it("read process.env only in lib/env.ts", () => {
    const wrong = findings(
      files.filter(({ path }) => path !== "lib/env.ts"),
      ({ code }) =>
        /\bprocess\s*\.\s*env\b/.test(code)
          ? ["reads process.env. Add the variable to lib/env.ts, where it is checked"]
          : [],
    );
    expect(wrong).toEqual([]);
  });

  it("are named after what they do", () => {
    const wrong = files.filter(({ path }) =>
      /(^|\/)(utils?|helpers?|common|misc)(\/|\.)/.test(path),
    );
    expect(
      wrong.map(({ path }) => `${path}: is not descriptive. Name it after what it does`),
    ).toEqual([]);
  });

  it("are not barrels", () => {
    const wrong = findings([...inFolder("lib"), ...inFolder("components")], ({ statements }) => {
      const passesOn = statements.filter(
        (statement) =>
          statement.type === "ExportAllDeclaration" ||
          (statement.type === "ExportNamedDeclaration" && statement.source !== null),
      );
      return statements.length > 0 && passesOn.length === statements.length
        ? ["only re-exports. Import from the files themselves"]
        : [];
    });
    expect(wrong).toEqual([]);
  });

  it("have at most 250 lines", () => {
    const wrong = findings(files, ({ path, lineCount }) => {
      const limit = longFiles[path] ?? 250;
      if (lineCount <= limit) return [];
      return [`has ${lineCount} lines, and the limit is ${limit}. Split it by topic`];
    });
    expect(wrong).toEqual([]);
  });

  it("number at most 25 in a folder", () => {
    const wrong = [...filesByFolder()].flatMap(([folder, count]) => {
      const limit = fullFolders[folder] ?? 25;
      if (count <= limit) return [];
      return `${folder}: has ${count} files, and the limit is ${limit}. Move those on one topic into a folder named after it, or merge a file with one caller into that caller`;
    });
    expect(wrong).toEqual([]);
  });

  it("leave the lists of exceptions when they fit", () => {
    const folders = filesByFolder();
    const lengths = new Map(files.map(({ path, lineCount }) => [path, lineCount]));
    const needless = [
      ...Object.keys(longFiles).filter((path) => (lengths.get(path) ?? 0) <= 250),
      ...Object.keys(fullFolders).filter((folder) => (folders.get(folder) ?? 0) <= 25),
    ].map((name) => `${name}: fits now. Remove it from the list in architecture.test.ts`);
    expect(needless).toEqual([]);
  });

  it("have route handlers of at most 40 lines", () => {
    const routes = inFolder("app").filter(({ path }) => path.endsWith("/route.ts"));
    const wrong = findings(routes, (file) =>
      functionLengths(file)
        .filter(({ lineCount }) => lineCount > 40)
        .map(
          ({ name, lineCount }) =>
            `${name} has ${lineCount} lines, and the limit is 40. A handler parses, calls lib and maps the answer`,
        ),
    );
    expect(wrong).toEqual([]);
  });

  it("run nothing when lib is imported", () => {
    const declares = /^(Import|Export|TS|Function|Class|Variable)/;
    const wrong = findings(inFolder("lib"), ({ statements }) =>
      statements
        .filter((statement) => !("directive" in statement && statement.directive))
        .filter(({ type }) => !declares.test(type))
        .map(
          ({ type }) =>
            `runs a ${type} when it is imported. Move it into a function that lib/boot.ts or lib/app.ts calls`,
        ),
    );
    expect(wrong).toEqual([]);
  });

  it("start nothing in a top-level constant of lib", () => {
    const pure =
      /^(z\b|new(Set|Map|WeakMap|WeakSet|RegExp|TextEncoder|TextDecoder|AsyncLocalStorage|Intl\.)|Object\.|Symbol\(|cache\(|Buffer\.|promisify\(|[a-z]\w+\.(extend|omit|pick|partial)\()/;
    const wrong = findings(inFolder("lib"), ({ constants }) =>
      constants
        .filter(({ initializer, isCall }) => isCall && !pure.test(initializer))
        .map(
          ({ name, initializer }) =>
            `${name} = ${initializer.slice(0, 60)} runs when it is imported. Move it into a function that lib/boot.ts or lib/app.ts calls`,
        ),
    );
    expect(wrong).toEqual([]);
  });
});

/** How many files lie directly in each folder. */
function filesByFolder(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of files) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return counts;
}

/** `lib/db/client` and `lib/env.ts` belong to the parts `db` and `env`. */
function partOf(path: string): string {
  return path.split("/")[1]?.replace(/\.tsx?$/, "") ?? "";
}

function isOurs(target: string): boolean {
  return /^(app|bench|components|demo|lib|prisma|scripts|tests)\//.test(target);
}
