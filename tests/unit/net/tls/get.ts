// Started by tls.test.ts with NODE_EXTRA_CA_CERTS, which Node reads once, at its start.
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";

const [url = ""] = process.argv.slice(2);
const agent = createOutboundAgent(
  { allowHttpLoopback: false, allowedPrivateHosts: ["mcp.example.test", "other.example.test"] },
  { resolve: async () => [{ address: "127.0.0.1", family: 4 }] },
);
try {
  const response = await createOutboundFetch(agent)(url);
  console.log(`${response.status} ${await response.text()}`);
} catch (error) {
  console.log(`${(error as { reason?: string }).reason} ${error}`);
} finally {
  await agent.close();
}
