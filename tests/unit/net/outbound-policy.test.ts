import { describe, expect, test } from "vitest";
import { checkAddress, checkUrl, type OutboundPolicy } from "@/lib/net/policy";

const strict: OutboundPolicy = { allowHttpLoopback: false, allowedPrivateHosts: [] };
const practice: OutboundPolicy = { allowHttpLoopback: true, allowedPrivateHosts: [] };
const intranet: OutboundPolicy = {
  allowHttpLoopback: false,
  allowedPrivateHosts: ["git.corp.example", "*.tools.corp.example", "10.1.2.3", "fd12::1"],
};

function outcome(url: string, policy: OutboundPolicy): string {
  const decision = checkUrl(url, policy);
  return decision.allowed ? "allowed" : decision.reason;
}

describe("checkUrl", () => {
  test.each([
    ["https://mcp.example.com/mcp", "allowed"],
    ["https://mcp.example.com:8443/mcp?a=b#c", "allowed"],
    ["https://8.8.8.8/", "allowed"],
    ["https://[2606:4700:4700::1111]/", "allowed"],
    ["https://münchen.example/", "allowed"],
    ["https://localhost.example.com/", "allowed"],
    ["http://mcp.example.com/mcp", "not_https"],
    ["http://127.0.0.1/", "not_https"],
    ["http://localhost:3000/", "not_https"],
    ["ftp://mcp.example.com/", "not_https"],
    ["file:///etc/passwd", "not_https"],
    ["javascript:alert(1)", "not_https"],
    ["data:text/html,x", "not_https"],
    ["wss://mcp.example.com/", "not_https"],
    ["mcp.example.com", "not_a_url"],
    ["", "not_a_url"],
    ["https://", "not_a_url"],
    ["https://exa mple.com/", "not_a_url"],
    ["https://user:password@mcp.example.com/", "credentials"],
    ["https://token@mcp.example.com/", "credentials"],
    ["https://localhost/", "loopback"],
    ["https://LOCALHOST./", "loopback"],
    ["https://app.localhost/", "loopback"],
    ["https://127.0.0.1/", "loopback"],
    ["https://[::1]/", "loopback"],
    ["https://10.0.0.1/", "private"],
    ["https://[fd12::1]/", "private"],
    ["https://169.254.169.254/", "reserved"],
  ])("by default, %j is %s", (url, expected) => {
    expect(outcome(url, strict)).toBe(expected);
  });

  test.each([
    ["http://localhost:3000/mcp", "allowed"],
    ["https://localhost:3000/mcp", "allowed"],
    ["http://127.0.0.1:3000/", "allowed"],
    ["http://[::1]:3000/", "allowed"],
    ["http://as.localhost:3000/", "allowed"],
    ["http://mcp.example.com/", "not_https"],
    ["http://10.0.0.1/", "not_https"],
    ["http://0.0.0.0:3000/", "not_https"],
    ["https://10.0.0.1/", "private"],
    ["https://0.0.0.0/", "reserved"],
  ])("with loopback allowed, %j is %s", (url, expected) => {
    expect(outcome(url, practice)).toBe(expected);
  });

  test.each([
    ["https://10.1.2.3/", "allowed"],
    ["https://[fd12::1]/", "allowed"],
    ["https://10.1.2.4/", "private"],
    ["http://10.1.2.3/", "not_https"],
    ["http://git.corp.example/", "not_https"],
  ])("with private hosts listed, %j is %s", (url, expected) => {
    expect(outcome(url, intranet)).toBe(expected);
  });

  test("says what to do, and names the host but not the rest of the URL", () => {
    const decision = checkUrl("https://10.0.0.1/?token=secret-in-url", strict);
    if (decision.allowed) throw new Error("it was allowed");
    expect(decision.userMessage).toContain("10.0.0.1");
    expect(decision.userMessage).toContain("ALLOWED_PRIVATE_HOSTS");
    expect(decision.userMessage).not.toContain("secret-in-url");
  });
});

describe("checkAddress", () => {
  const decide = (address: string, host: string, policy: OutboundPolicy, protocol = "https:") => {
    const decision = checkAddress(address, { host, protocol }, policy);
    return decision.allowed ? "allowed" : decision.reason;
  };

  test("lets a listed name lead to a private address, and no other name", () => {
    expect(decide("10.9.9.9", "git.corp.example", intranet)).toBe("allowed");
    expect(decide("10.9.9.9", "wiki.tools.corp.example", intranet)).toBe("allowed");
    expect(decide("10.9.9.9", "tools.corp.example", intranet)).toBe("private");
    expect(decide("10.9.9.9", "evil-tools.corp.example", intranet)).toBe("private");
    expect(decide("10.9.9.9", "git.corp.example.evil.example", intranet)).toBe("private");
  });

  test("lets no list open a metadata or link-local address", () => {
    expect(decide("169.254.169.254", "git.corp.example", intranet)).toBe("reserved");
    expect(decide("fe80::1", "git.corp.example", intranet)).toBe("reserved");
  });

  test("lets a public name lead to loopback in no mode", () => {
    expect(decide("127.0.0.1", "rebind.example", practice)).toBe("loopback");
    expect(decide("127.0.0.1", "localhost", practice)).toBe("allowed");
  });

  test("lets localhost over http lead to loopback only", () => {
    expect(decide("127.0.0.1", "localhost", practice, "http:")).toBe("allowed");
    expect(decide("93.184.216.34", "localhost", practice, "http:")).toBe("not_https");
  });
});

describe("for model servers, listed hosts over http", () => {
  const models: OutboundPolicy = { ...intranet, allowHttpToPrivateHosts: true };

  test.each([
    ["http://git.corp.example/v1", "allowed"],
    ["http://ollama.tools.corp.example:11434/v1", "allowed"],
    ["http://10.1.2.3:11434/v1", "allowed"],
    ["http://[fd12::1]:8000/v1", "allowed"],
    ["http://10.1.2.4/v1", "not_https"],
    ["http://models.example.com/v1", "not_https"],
    ["http://localhost:11434/v1", "not_https"],
    ["http://user:password@10.1.2.3/v1", "credentials"],
    ["ftp://10.1.2.3/v1", "not_https"],
  ])("%j is %s", (url, expected) => {
    expect(outcome(url, models)).toBe(expected);
  });

  test.each([
    ["10.9.9.9", true],
    ["127.0.0.1", true],
    ["93.184.215.14", false],
    ["169.254.169.254", false],
  ])("a listed name that leads to %s is reached: %s", (address, reached) => {
    const wanted = { host: "git.corp.example", protocol: "http:" };
    expect(checkAddress(address, wanted, models).allowed).toBe(reached);
    expect(checkAddress(address, wanted, intranet).allowed).toBe(false);
  });
});
