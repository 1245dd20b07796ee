// The client that the conformance suite starts: passes the scenario to the test's own process, where
// Usher runs, and exits as that process says. A separate process for each scenario would take longer
// to start than the scenario takes to run.

const [, , adapterUrl = "", serverUrl = ""] = process.argv;
const { MCP_CONFORMANCE_SCENARIO, MCP_CONFORMANCE_CONTEXT } = process.env;

const response = await fetch(adapterUrl, {
  method: "POST",
  body: JSON.stringify({
    scenario: MCP_CONFORMANCE_SCENARIO,
    context: JSON.parse(MCP_CONFORMANCE_CONTEXT ?? "{}"),
    serverUrl,
  }),
});
const { ok, said } = await response.json();
console.log(said);
process.exitCode = ok ? 0 : 1;
