import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as assistantsRoute } from "@/app/api/chat/assistants/route";
import { applyPlan } from "@/lib/config-file/apply";
import { exportConfig } from "@/lib/config-file/export";
import { planConfig } from "@/lib/config-file/plan";
import { planText, problemsText } from "@/lib/config-file/plan-text";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let member: Visitor;

beforeEach(async () => {
  usher = await startInstallation();
  await usher.join("ADMIN");
  member = await usher.join("MEMBER");
});
afterEach(() => usher.close());

const context = () => ({ ...usher.app, modelProblem: () => null });

/** The plan's text, or the problems of the file. */
async function plan(text: string): Promise<string> {
  const outcome = await planConfig(context(), text, {});
  return "problems" in outcome ? problemsText(outcome.problems) : planText(outcome.plan);
}

async function apply(text: string): Promise<void> {
  const outcome = await planConfig(context(), text, {});
  if ("problems" in outcome) throw new Error(problemsText(outcome.problems));
  await applyPlan(context(), outcome.plan, () => undefined);
}

const server = (access: string) => `
servers:
  - name: Payroll
    url: https://payroll.example.com/mcp
    ${access}`;
const assistant = (access: string) => `
assistants:
  - name: Accounting
    ${access}`;
const group = `
groups:
  - name: Finance
    claimValue: fin
    role: AUDITOR`;
const forFinance = () => `access: { groups: [Finance], people: [${member.user.email}] }`;
const whole = () => `version: 1${group}${server(forFinance())}${assistant(forFinance())}`;

const grants = () =>
  usher.app.db.accessGrant.findMany({
    select: { serverId: true, assistantId: true, userId: true, group: { select: { name: true } } },
  });
const actions = async () =>
  (await usher.app.db.auditEvent.findMany({ orderBy: { at: "asc" } })).map(({ action }) => action);

describe("a configuration file with groups and access", () => {
  it("creates a group, and a server and an assistant for that group alone; applied again it changes nothing", async () => {
    await apply(whole());
    const { db } = usher.app;
    expect(await db.group.findMany()).toMatchObject([
      { name: "Finance", claimValue: "fin", role: "AUDITOR" },
    ]);
    expect((await db.mcpServer.findFirstOrThrow()).access).toBe("CHOSEN");
    expect((await db.assistant.findFirstOrThrow()).access).toBe("CHOSEN");
    expect(await grants()).toHaveLength(4);
    expect(await plan(whole())).toBe("0 to add, 0 to change, 3 as in the file, 0 not in the file.");
    expect(await actions()).toEqual([
      ...["group.create", "server.create", "server.access"],
      ...["assistant.create", "assistant.access"],
    ]);
    const exported = await exportConfig(db);
    expect(await plan(exported)).toContain("3 as in the file, 0 not in the file.");
    expect(exported).toContain("- Finance");
  });

  it("closes what was open to everyone to those it does not name, without touching the rest", async () => {
    await apply(`version: 1${server("access: everyone")}${assistant("access: everyone")}`);
    const seen = async () => {
      const answer = await member.visit(assistantsRoute, { path: "/api/chat/assistants" });
      return (await answer.text()).includes("Accounting");
    };
    expect(await seen()).toBe(true);
    const { version } = await usher.app.db.mcpServer.findFirstOrThrow();
    const finance = "access: { groups: [Finance] }";
    const closed = `version: 1${group}${server(finance)}${assistant(finance)}`;
    expect(await plan(closed)).toContain("access: everyone → groups Finance");
    await apply(closed);
    expect(await seen()).toBe(false);
    expect((await usher.app.db.mcpServer.findFirstOrThrow()).version).toBe(version);
  });

  it("leaves access unchanged where it does not mention access", async () => {
    await apply(whole());
    const silent = `version: 1${group}${server("description: Salaries")}${assistant('description: ""')}`;
    expect(await plan(silent)).not.toContain("access");
    await apply(silent);
    expect((await usher.app.db.mcpServer.findFirstOrThrow()).access).toBe("CHOSEN");
    expect(await grants()).toHaveLength(4);
  });

  it("keeps people who were added to a group by hand, and the members of a renamed group", async () => {
    await apply(`version: 1${group}`);
    const { db } = usher.app;
    const { id } = await db.group.findFirstOrThrow();
    await db.groupMember.create({ data: { groupId: id, userId: member.user.id } });
    await apply("version: 1\ngroups:\n  - { name: Money, renamedFrom: Finance, claimValue: fin }");
    expect(await db.group.findMany()).toMatchObject([{ id, name: "Money", role: null }]);
    expect(await db.groupMember.count({ where: { groupId: id } })).toBe(1);
  });

  it("is refused as a whole, with the line, if it names a group or a person that does not exist", async () => {
    const text = `version: 1${server("access: { groups: [Nobody], people: [eve@elsewhere.example] }")}`;
    const problems = await plan(text);
    expect(problems).toContain("There is no group “Nobody”.");
    expect(problems).toContain("Nobody here has the address eve@elsewhere.example.");
    await expect(apply(text)).rejects.toThrow();
    expect(await usher.app.db.mcpServer.count()).toBe(0);
    expect(await plan(`version: 1${server("access: nobody")}`)).toContain("Write everyone, or");
    expect(await plan("version: 1\ngroups:\n  - { name: A, role: ADMIN }")).toContain(
      "A role needs a claim value.",
    );
  });

  it("lists a group that exists only in the installation as a difference", async () => {
    await apply(`version: 1${group}`);
    expect(await plan("version: 1")).toContain("? group Finance: not in the file.");
  });
});
