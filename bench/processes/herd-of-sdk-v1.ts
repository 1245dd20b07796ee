import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { serve } from "./commands";
import { sdkHerd } from "./sdk-herd";

serve(
  sdkHerd(async (url, authProvider) => {
    const client = new Client({ name: "bench", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(url, { authProvider }));
    return client;
  }),
);
