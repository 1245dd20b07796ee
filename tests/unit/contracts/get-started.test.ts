import { describe, expect, it } from "vitest";
import {
  beginsWithGetStarted,
  type GetStartedFacts,
  getStarted,
  type ServerFacts,
} from "@/lib/contracts/get-started";

const nothing: GetStartedFacts = {
  model: { state: "missing", name: null },
  servers: [],
  assistant: null,
  people: { joined: false, invited: false },
};
const open: ServerFacts = {
  ...{ id: "open", name: "Open", transport: "STREAMABLE_HTTP", authentication: "NONE" },
  ...{ headerSharing: "SHARED", oauthClient: null, switchedOff: false },
  ...{ hasAccount: false, hasTools: true },
};
const shared: ServerFacts = {
  ...open,
  ...{ id: "shared", name: "Shared", authentication: "OAUTH" },
  oauthClient: { tokenSharing: "SHARED" },
};
const perUser: ServerFacts = { ...shared, oauthClient: { tokenSharing: "PER_USER" } };
const keys: ServerFacts = { ...open, authentication: "HEADERS", headerSharing: "PER_USER" };
const all: GetStartedFacts = {
  model: { state: "ready", name: "Claude" },
  servers: [open],
  assistant: { id: "a", name: "Guide", hasServer: true },
  people: { joined: true, invited: false },
};

const view = (facts: Partial<GetStartedFacts>, dismissed = false) =>
  getStarted({ ...nothing, ...facts }, dismissed);
const step = (name: string, facts: Partial<GetStartedFacts>) =>
  view(facts).steps.find((each) => each.step === name);
const server = (...servers: ServerFacts[]) => step("server", { servers });

describe("the first steps", () => {
  it("start with the model, and all are open if nothing is set up", () => {
    expect(view({})).toMatchObject({ doneCount: 0, next: "model", shown: true, reason: "open" });
    expect(view({}).steps.map((each) => [each.step, each.done, each.state])).toEqual([
      ["model", false, "missing"],
      ["server", false, "missing"],
      ["assistant", false, "missing"],
      ["people", false, "missing"],
    ]);
  });

  it("continue with the first open one, in whatever order they are done", () => {
    expect(view({ people: all.people })).toMatchObject({ doneCount: 1, next: "model" });
    expect(view({ model: all.model, people: all.people })).toMatchObject({ next: "server" });
    expect(view({ ...all, assistant: null })).toMatchObject({ doneCount: 3, next: "assistant" });
    expect(view({ ...all, people: nothing.people })).toMatchObject({ next: "people" });
  });

  it("are over once all are done, even for an admin who dismissed them", () => {
    const over = { doneCount: 4, next: null, shown: false, reason: "finished" };
    expect(view(all)).toMatchObject(over);
    expect(view(all, true)).toMatchObject(over);
  });

  it("are not shown to an admin who dismissed them, but still reported", () => {
    expect(view({}, true)).toMatchObject({ shown: false, reason: "dismissed", next: "model" });
  });
});

describe("the step of the model", () => {
  it("is open while a provider offers no model", () => {
    const model = { state: "not_offered", name: null } as const;
    expect(step("model", { model })).toMatchObject({ done: false, state: "not_offered" });
  });

  it("names the model that answers", () => {
    expect(step("model", all)).toMatchObject({ done: true, subject: { name: "Claude" } });
  });
});

describe("the step of the server", () => {
  it.each([
    ["a server without authentication", open, "ready"],
    ["one whose tools are not known", { ...open, hasTools: false }, "no_tools"],
    ["one that is switched off", { ...open, switchedOff: true }, "switched_off"],
    ["a shared account that nobody connected", shared, "no_account"],
    ["a shared account", { ...shared, hasAccount: true }, "ready"],
    [
      "a shared account whose tools are still read",
      { ...shared, hasAccount: true, hasTools: false },
      "no_tools",
    ],
    ["everybody's own accounts, where the tools are known without one", perUser, "ready"],
    ["everybody's own accounts otherwise", { ...perUser, hasTools: false }, "no_account"],
    ["everybody's own keys otherwise", { ...keys, hasTools: false }, "no_key"],
    ["fixed headers", { ...keys, headerSharing: "SHARED" }, "ready"],
  ] as const)("for %s says %3$s", (_, facts, state) => {
    expect(server(facts)).toMatchObject({ done: state === "ready", state });
  });

  it("is about the server closest to ready", () => {
    const off = { ...open, id: "off", switchedOff: true };
    const unread = { ...open, id: "unread", hasTools: false };
    expect(server(off, shared)).toMatchObject({ subject: { id: "shared" } });
    expect(server(shared, unread)).toMatchObject({ subject: { id: "unread" } });
    expect(server(shared, unread, open)).toMatchObject({ done: true, subject: { id: "open" } });
  });
});

describe("the step of the assistant", () => {
  it("is open while no assistant has a server", () => {
    const assistant = { id: "a", name: "Guide", hasServer: false };
    expect(step("assistant", { assistant })).toMatchObject({
      ...{ done: false, state: "no_server" },
      subject: { id: "a" },
    });
  });

  it("suggests only a server that is ready", () => {
    expect(step("assistant", { servers: [open] })).toMatchObject({ subject: { id: "open" } });
    expect(step("assistant", { servers: [shared] })).toMatchObject({ subject: null });
  });
});

describe("the step of the people", () => {
  it("is done after an invitation", () => {
    const people = { joined: false, invited: true };
    expect(step("people", { people })).toMatchObject({ done: true, state: "invited" });
  });
});

describe("an admin's start page", () => {
  it("shows the steps while there is no server, unless they dismissed them", () => {
    expect(beginsWithGetStarted(view({ model: all.model }))).toBe(true);
    expect(beginsWithGetStarted(view({ servers: [shared] }))).toBe(false);
    expect(beginsWithGetStarted(view({}, true))).toBe(false);
  });
});
