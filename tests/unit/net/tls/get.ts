// Started by tests with NODE_EXTRA_CA_CERTS, which Node reads once, at startup.
import { readEnv } from "@/lib/env";
import { createOperatorFetch, createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";

const [url = "", way = "guarded"] = process.argv.slice(2);
const { outboundProxy: proxy } = readEnv({
  DATABASE_URL: "postgresql://localhost/usher",
  PUBLIC_URL: "http://localhost:3000",
  SECRETS_ENCRYPTION_KEY: Buffer.from("0123456789abcdefghijklmnopqrstuv").toString("base64"),
  NEXTAUTH_SECRET: "0123456789abcdefghijklmnopqrstuv",
  OUTBOUND_PROXY_URL: process.env.OUTBOUND_PROXY_URL,
  OUTBOUND_NO_PROXY: process.env.OUTBOUND_NO_PROXY,
});
const agent = createOutboundAgent(
  { allowHttpLoopback: false, allowedPrivateHosts: ["mcp.example.test", "other.example.test"] },
  { resolve: async () => [{ address: "127.0.0.1", family: 4 }], proxy },
);
const send = way === "operator" && proxy ? createOperatorFetch(proxy) : createOutboundFetch(agent);
try {
  const response = await send(url);
  console.log(`${response.status} ${await response.text()}`);
} catch (error) {
  console.log(`${(error as { reason?: string }).reason} ${error}`);
} finally {
  await agent.close();
}
process.exit();
