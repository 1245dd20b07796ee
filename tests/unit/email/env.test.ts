import { describe, expect, it } from "vitest";
import { type EmailEnv, readEmail } from "@/lib/env/email";

function read(SMTP_URL: string | null, EMAIL_FROM: string | null = "usher@example.com") {
  const problems: string[] = [];
  const values: Record<string, string | null> = { SMTP_URL, EMAIL_FROM };
  return { env: readEmail((name) => values[name] ?? null, problems), problems };
}

describe("readEmail", () => {
  it("sends nothing if neither variable is set", () => {
    expect(read(null, null)).toEqual({ env: null, problems: [] });
  });

  it.each<[string, Partial<EmailEnv>]>([
    ["smtps://smtp.example.com", { host: "smtp.example.com", port: 465, tls: "implicit" }],
    ["smtps://smtp.example.com:2465", { port: 2465, tls: "implicit" }],
    ["smtp://smtp.example.com", { port: 587, tls: "starttls", login: null }],
    ["smtp://smtp.example.com:25", { port: 25, tls: "starttls" }],
    ["smtp://smtp.example.com:465", { port: 465, tls: "implicit" }],
    ["smtp://relay.corp.example:465?tls=none", { port: 465, tls: "none" }],
    ["smtp://u:p%40ss%2Fw%25@smtp.example.com", { login: { user: "u", password: "p@ss/w%" } }],
    ["smtp://relay.corp.example:25?tls=none", { port: 25, tls: "none" }],
    ["smtp://localhost:1025", { tls: "none" }],
    ["smtp://127.0.0.1:1025", { host: "127.0.0.1", tls: "none" }],
    ["smtp://[::1]:1025", { host: "::1", tls: "none" }],
  ])("reads %s", (url, expected) => {
    const { env, problems } = read(url);
    expect(problems).toEqual([]);
    expect(env).toMatchObject(expected);
  });

  it.each([
    ["Usher <usher@example.com>", { name: "Usher", address: "usher@example.com" }],
    ['"Usher, at work" <usher@example.com>', { name: "Usher, at work" }],
    ["usher@example.com", { name: "Usher", address: "usher@example.com" }],
  ])("reads the sender %s", (from, expected) => {
    expect(read("smtps://smtp.example.com", from).env?.from).toMatchObject(expected);
  });

  it.each([
    ["https://smtp.example.com", /cannot be read/],
    ["smtp.example.com:587", /cannot be read/],
    ["smtp://", /cannot be read/],
    ["smtp://host name/", /cannot be read/],
    ["smtps://user:p%@smtp.example.com", /written as %25/],
    ["smtps://user@smtp.example.com", /both user and password/],
    ["smtps://smtp.example.com/path", /no path/],
    ["smtps://smtp.example.com?tls=none", /says the opposite/],
    ["smtp://smtp.example.com?tls=off", /only one option/],
    ["smtp://smtp.example.com?tls=none&pool=1", /only one option/],
    // A password that anyone on the way could read.
    ["smtp://user:secret@smtp.example.com?tls=none", /plain text/],
    // No such address is this machine.
    ["smtp://user:secret@localhost.example.com?tls=none", /plain text/],
  ])("rejects %s and says what to do, without the secret", (url, reason) => {
    const { env, problems } = read(url);
    expect(env).toBeNull();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^SMTP_URL /);
    expect(problems[0]).toMatch(reason);
    expect(problems[0]).not.toMatch(/secret/);
  });

  it.each([
    null,
    "Usher",
    "a@example.com, b@example.com",
    "Usher <a@example.com> <b@example.com>",
    "Usher\r\nBcc: eve@example.com <usher@example.com>",
    "usher@example.com\r\nBcc: eve@example.com",
    "usher@exam ple.com",
  ])("rejects the sender %j", (from) => {
    const { env, problems } = read("smtps://smtp.example.com", from);
    expect(env).toBeNull();
    expect(problems[0]).toMatch(/^EMAIL_FROM /);
  });

  it("says that a sender alone has no effect", () => {
    expect(read(null).problems[0]).toContain("without SMTP_URL");
  });
});
