import { join } from "node:path";
import * as z from "zod";
import { type AuthorizationServer, startAuthorizationServer } from "@/demo/authorization-server";
import { PEOPLE } from "@/demo/authorization-server/people";
import { isEntryPoint } from "@/demo/entry-point";
import { type IdentityProvider, startIdentityProvider } from "@/demo/identity-provider";
import { startPersonalFiles, startTeamCalendar, startTeamHandbook } from "@/demo/practice-files";

const port = z.number().int().min(0).max(65_535).default(0);
const practiceOptions = z.object({
  /** Stores grants, keys and files. */
  dataDir: z.string().min(1),
  providerPort: port,
  handbookPort: port,
  personalPort: port,
  redirectUris: z.array(z.url()).min(1),
  clientSecret: z.string().min(16),
  /** In seconds. */
  accessTokenLifetime: z.number().int().positive().optional(),
  /** Absent: sign-in uses another provider, which the practice servers do not trust. */
  signIn: z
    .object({
      port,
      calendarPort: port,
      redirectUri: z.url(),
      clientSecret: z.string().min(16),
    })
    .optional(),
});

export type PracticeOptions = z.input<typeof practiceOptions>;

/** The content of the one line on stdout, as JSON. It contains no secret. */
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
  /** Null: there is no practice identity provider that would admit people. */
  calendar: { url: string } | null;
  /** The practice identity provider; null: it was not started. */
  signIn: { issuer: string } | null;
  people: { accountId: string; name: string }[];
}

/**
 * Starts the practice provider, the practice MCP servers and, if people sign in there, the practice identity
 * provider in this process.
 * @throws the `listen` error if a port is taken; what was started is stopped again.
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
    const identityProvider = options.signIn && keep(await startSignIn(options.signIn, options));
    const provider = keep(
      await startAuthorizationServer({
        port: options.providerPort,
        dataDir: join(options.dataDir, "provider"),
        clientSecret: options.clientSecret,
        redirectUris: options.redirectUris,
        accessTokenLifetime: options.accessTokenLifetime,
        ...(identityProvider ? { identityProvider } : {}),
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
    const calendar =
      options.signIn &&
      keep(
        await startTeamCalendar({
          port: options.signIn.calendarPort,
          provider,
          dataDir,
          listsToolsOpenly: true,
        }),
      );
    if (identityProvider && calendar) letEverybodyIn(identityProvider, provider, calendar.url);
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
        calendar: calendar ? { url: calendar.url } : null,
        signIn: identityProvider ? { issuer: identityProvider.issuer } : null,
        people: PEOPLE.map(({ accountId, name }) => ({ accountId, name })),
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function startSignIn(
  { port, redirectUri, clientSecret }: NonNullable<z.output<typeof practiceOptions>["signIn"]>,
  { dataDir }: Pick<PracticeOptions, "dataDir">,
): Promise<IdentityProvider> {
  return startIdentityProvider({
    ...{ port, clientSecret, redirectUris: [redirectUri] },
    dataDir: join(dataDir, "identity"),
  });
}

/** As a company's admins do once, for all its people. */
function letEverybodyIn(
  identityProvider: IdentityProvider,
  { issuer, clientId }: AuthorizationServer,
  resource: string,
): void {
  identityProvider.connect({ issuer, clientId, resources: () => [resource] });
  for (const { accountId } of PEOPLE) identityProvider.assign(accountId, issuer);
}

/**
 * `PRACTICE_OPTIONS='<PracticeOptions as JSON>' tsx demo/practice.ts`, or the JSON as an argument,
 * which everyone on the machine can read in the list of processes.
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
  // When started with an IPC channel, it must not outlive its parent.
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
