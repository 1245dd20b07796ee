import { bundle } from "./bundle.mjs";
import { Child } from "./child";
import { type BenchInstallation, install } from "./installation";
import type { LeanMcpServer } from "./processes/lean-mcp-server";
import type { SdkProcess } from "./processes/sdk";
import type { UsherProcess } from "./processes/usher";

/** What the rows about calls have in common, each part in a process of its own. */
export interface CallStage {
  installation: BenchInstallation;
  server: Child<LeanMcpServer>;
  /** Of the MCP server, without a path. */
  origin: string;
  usher: Child<UsherProcess>;
  /** Another replica, which knows nothing yet. Whoever starts it stops it. */
  startUsher(): Promise<Child<UsherProcess>>;
  sdk: Child<SdkProcess>;
  close(): Promise<void>;
}

export async function startCallStage(): Promise<CallStage> {
  const file = await bundle("usher", [
    "processes/usher",
    "processes/sdk",
    "processes/lean-mcp-server",
  ]);
  const server = await Child.start<LeanMcpServer>(file("processes/lean-mcp-server"));
  const installation = await install();
  const { env } = installation;
  const startUsher = () =>
    Child.start<UsherProcess>(file("processes/usher"), { env }, { execArgv: ["--expose-gc"] });
  const usher = await startUsher();
  const sdk = await Child.start<SdkProcess>(file("processes/sdk"));
  return {
    installation,
    server,
    origin: await server.run("address"),
    usher,
    startUsher,
    sdk,
    close: async () => {
      await Promise.all([usher, sdk, server].map((child) => child.stop()));
      await installation.close();
    },
  };
}
