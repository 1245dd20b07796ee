import { join } from "node:path";
import * as z from "zod";
import { startAuthorizationServer } from "@/demo/authorization-server";
import { PEOPLE } from "@/demo/authorization-server/people";
import { isEntryPoint } from "@/demo/entry-point";
import { startPersonalFiles, startTeamHandbook } from "@/demo/practice-files";

const port = z.number().int().min(0).max(65_535).default(0);
const practiceOptions = z.object({
  /** Keeps grants, keys and files. */
  dataDir: z.string().min(1),
  providerPort: port,
  handbookPort: port,
  personalPort: port,
  redirectUris: z.array(z.url()).min(1),
  clientSecret: z.string().min(16),
  /** In seconds. */
  accessTokenLifetime: z.number().int().positive().optional(),
});

export type PracticeOptions = z.input<typeof practiceOptions>;

/** What the one line on stdout tells, as JSON. It holds no secret. */
export interface PracticeReady {
  ready: true;
  provider: {
    issuer: string;
    authorizationUrl: string;
    tokenUrl: string;
    revocationUrl: string;
    /** Authenticates with `client_secret_basic`. */
    clientId: string;
    /** Authenticates with `client_secret_post`. */
    postClientId: string;
    scope: string;
  };
  handbook: { url: string };
  personal: { url: string };
  people: { accountId: string; name: string }[];
}

/**
 * Starts the practice provider and both practice MCP servers in this process.
 * @throws the `listen` error where a port is taken; what was started is stopped again.
 */
export async function startPractice(
  input: PracticeOptions,
): Promise<{ ready: PracticeReady; close(): Promise<void> }> {
  const options = practiceOptions.parse(input);
  const started: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const one of started.splice(0).reverse()) await one.close();
  };
  const keep = <T extends { close(): Promise<void> }>(one: T): T => {
    started.push(one);
    return one;
  };
  try {
    const provider = keep(
      await startAuthorizationServer({
        port: options.providerPort,
        dataDir: join(options.dataDir, "provider"),
        clientSecret: options.clientSecret,
        redirectUris: options.redirectUris,
        accessTokenLifetime: options.accessTokenLifetime,
      }),
    );
    const dataDir = join(options.dataDir, "files");
    const handbook = keep(
      await startTeamHandbook({
        port: options.handbookPort,
        provider,
        dataDir,
        listsToolsOpenly: true,
      }),
    );
    const personal = keep(
      await startPersonalFiles({
        port: options.personalPort,
        provider,
        dataDir,
        listsToolsOpenly: true,
      }),
    );
    return {
      ready: {
        ready: true,
        provider: {
          issuer: provider.issuer,
          authorizationUrl: provider.authorizationEndpoint,
          tokenUrl: provider.tokenEndpoint,
          revocationUrl: provider.revocationEndpoint,
          clientId: provider.clientId,
          postClientId: provider.postClientId,
          scope: "files:read files:write",
        },
        handbook: { url: handbook.url },
        personal: { url: personal.url },
        people: PEOPLE.map(({ accountId, name }) => ({ accountId, name })),
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * `PRACTICE_OPTIONS='<PracticeOptions as JSON>' tsx demo/practice.ts`, or the JSON as an argument,
 * which everybody on the machine can read in the list of processes.
 */
async function main(): Promise<void> {
  const text = process.env.PRACTICE_OPTIONS ?? process.argv[2];
  if (text === undefined) throw new Error("Give the options as JSON.");
  const practice = await startPractice(JSON.parse(text));
  const stop = () => {
    void practice.close().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  // Started with an IPC channel, it must not outlive whoever started it.
  process.once("disconnect", stop);
  console.log(JSON.stringify(practice.ready));
}

if (isEntryPoint(import.meta.url)) {
  main().catch((error: NodeJS.ErrnoException & { port?: number }) => {
    console.error(
      error.code === "EADDRINUSE"
        ? `Port ${error.port} is taken by another program.`
        : `The practice servers did not start: ${error.message}`,
    );
    process.exit(1);
  });
}
