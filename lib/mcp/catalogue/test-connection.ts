import type { TestStep } from "@/lib/contracts/servers/catalogue";
import { OutboundRefusedError, UsherError } from "@/lib/errors";
import type { Log } from "@/lib/log";
import type { ReadCatalogue } from "@/lib/mcp/catalogue/list-tools";
import type { McpConnections } from "@/lib/mcp/connections";
import type { McpTarget } from "@/lib/mcp/target";
import type { UrlDecision } from "@/lib/net/policy";
import { oneLine } from "@/lib/untrusted-text";

export type TestConnectionDeps = {
  loadTarget: () => Promise<McpTarget>;
  /** Whether Usher may connect to this URL, as far as the URL alone shows. */
  checkUrl: (url: string) => UrlDecision;
  mcp: Pick<McpConnections, "readCatalogue">;
  save: (catalogue: ReadCatalogue, target: McpTarget) => Promise<void>;
  /** Stores a failure's reason for the detail page. */
  saveFailure?: (message: string, target: McpTarget) => Promise<void>;
  log: Log;
  signal?: AbortSignal;
  /** Read alongside running calls, which must not end because of it. */
  keepConnections?: boolean;
};

type StepName = TestStep["step"];

const ORDER: readonly StepName[] = ["address", "authorization", "connect", "list_tools", "save"];

/**
 * Connects to a server, reads and saves its tools, and reports each step. It does not throw: the problem is
 * the last `failed` step, and later ones are `skipped`.
 */
export async function* testConnection(deps: TestConnectionDeps): AsyncGenerator<TestStep> {
  const steps = runSteps(deps);
  let current: StepName = "address";
  let target: McpTarget | null = null;
  try {
    for (;;) {
      const { value, done } = await steps.next();
      if (done) return;
      if ("target" in value) {
        target = value.target;
        continue;
      }
      current = value.step;
      yield value;
    }
  } catch (error) {
    const message = inWords(error, deps.log);
    yield { step: current, state: "failed", message };
    for (const step of ORDER.slice(ORDER.indexOf(current) + 1)) {
      yield { step, state: "skipped", message: "Not tried." };
    }
    if (target) await keepFailure(message, target, deps);
  }
}

async function* runSteps(
  deps: TestConnectionDeps,
): AsyncGenerator<TestStep | { target: McpTarget }> {
  yield { step: "address", state: "running", message: "Checking where the server is." };
  const target = await deps.loadTarget();
  yield { target };
  yield { step: "address", state: "done", message: address(target, deps) };

  yield { step: "authorization", state: "running", message: "Looking for a token." };
  yield { step: "authorization", state: "done", message: await authorization(target) };

  yield { step: "connect", state: "running", message: `Connecting to ${target.serverName}.` };
  let connected = () => {};
  const handshake = new Promise<void>((resolve) => {
    connected = resolve;
  });
  const reading = deps.mcp.readCatalogue(target, {
    onConnected: connected,
    ...(deps.signal ? { signal: deps.signal } : {}),
    ...(deps.keepConnections ? { keepConnections: true } : {}),
  });
  await Promise.race([handshake, reading]);
  yield { step: "connect", state: "done", message: "Connected." };

  yield { step: "list_tools", state: "running", message: "Asking for its tools." };
  const catalogue = await reading;
  const { tools, leftOut } = catalogue;
  const found = { tools: tools.length, ...(leftOut.length > 0 ? { leftOut } : {}) };
  yield { step: "list_tools", state: "done", message: toolsFound(catalogue), ...found };

  yield { step: "save", state: "running", message: "Saving the list of tools." };
  await deps.save(catalogue, target);
  yield { step: "save", state: "done", message: "Saved. Assistants can use these tools now." };
}

function address({ endpoint }: McpTarget, deps: TestConnectionDeps): string {
  if (endpoint.transport === "STDIO") {
    return `It is a command on this machine: ${oneLine(endpoint.command, 100)}.`;
  }
  const decision = deps.checkUrl(endpoint.url);
  if (!decision.allowed) throw new OutboundRefusedError(decision.userMessage);
  // Not the whole URL: its query may contain a key.
  return `${decision.url.host} may be connected to.`;
}

async function authorization(target: McpTarget): Promise<string> {
  const { bearer, endpoint } = target;
  if (target.notConnected) return `${target.notConnected} Trying without.`;
  if (target.personalKey) return "Your own key is sent.";
  if (bearer) {
    await bearer.token();
    return "There is a valid token.";
  }
  if (endpoint.transport === "STDIO") {
    const variables = Object.keys(endpoint.environment).length;
    return `No sign-in. ${variables === 1 ? "One variable is" : `${variables} variables are`} handed to the command.`;
  }
  const headers = Object.keys(endpoint.headers).length;
  if (headers === 0) return "This server is used without a sign-in.";
  return headers === 1 ? "One stored header is sent." : `${headers} stored headers are sent.`;
}

const MOST_NAMED = 5;

function toolsFound({ tools, leftOut }: ReadCatalogue): string {
  const found =
    tools.length === 0
      ? "The server offers no tools."
      : tools.length === 1
        ? "The server offers one tool."
        : `The server offers ${tools.length} tools.`;
  const unusable = leftOut.filter(({ kept }) => kept !== true);
  if (unusable.length === 0) return found;
  const named = unusable.slice(0, MOST_NAMED).map(({ name, reason }) => `${name} (${reason})`);
  const more = unusable.length > MOST_NAMED ? ` and ${unusable.length - MOST_NAMED} more` : "";
  return `${found} ${unusable.length} cannot be used: ${named.join(", ")}${more}.`;
}

function inWords(error: unknown, log: Log): string {
  if (error instanceof UsherError) return error.userMessage;
  if (error instanceof Error && error.name === "AbortError") return "The test was stopped.";
  log.error({ err: error }, "mcp: connection test failed unexpectedly");
  return "Something went wrong inside Usher. Try again; the log of the server says more.";
}

async function keepFailure(
  message: string,
  target: McpTarget,
  deps: TestConnectionDeps,
): Promise<void> {
  try {
    await deps.saveFailure?.(message, target);
  } catch (err) {
    deps.log.error({ err, serverId: target.serverId }, "mcp: failure of a test not saved");
  }
}
