import * as z from "zod";
import { auditExportQuery, auditGroups, auditPage, auditQuery } from "@/lib/contracts/audit";
import { alwaysAllowedList } from "@/lib/contracts/chat/always-allow";
import { refreshOverview } from "@/lib/contracts/connections/refresh";
import { type DoctorCheckId, type DoctorResult, doctorChecks } from "@/lib/contracts/doctor";
import { peoplePage, peopleQuery, person, personChange } from "@/lib/contracts/people/person";
import { personPage } from "@/lib/contracts/people/person-page";
import { publicUrlCheck, settingsView } from "@/lib/contracts/settings";
import type { ApiTopic } from "../route";

const checks = Object.keys(doctorChecks) as [DoctorCheckId, ...DoctorCheckId[]];
const doctorResult: z.ZodType<DoctorResult> = z.object({
  id: z.enum(checks),
  status: z.enum(["ok", "warning", "failed", "skipped"]),
  finding: z.string(),
  fix: z.string().nullable(),
});
const refreshes = { name: "RefreshOverview", schema: refreshOverview };

export const peopleRoutes: ApiTopic = {
  title: "People",
  routes: [
    {
      method: "GET",
      path: "/api/people",
      summary: "List people",
      permission: "people.manage",
      query: peopleQuery,
      answer: { status: 200, json: { name: "PeoplePage", schema: peoplePage } },
    },
    {
      method: "GET",
      path: "/api/people/{userId}",
      summary: "Get a person",
      description:
        "With their accounts, sessions, last tool calls, and the receipts of revoked accounts.",
      permission: "people.manage",
      answer: { status: 200, json: { name: "PersonPage", schema: personPage } },
    },
    {
      method: "GET",
      path: "/api/people/{userId}/receipts",
      summary: "Export a person's receipts",
      description: "What became of each revoked account at its provider.",
      permission: "people.manage",
      answer: { status: 200, stream: "text/csv", description: "CSV." },
    },
    {
      method: "DELETE",
      path: "/api/people/{userId}/sessions/{sessionId}",
      summary: "End a person's session",
      permission: "people.manage",
      answer: { status: 204 },
    },
    {
      method: "GET",
      path: "/api/people/{userId}/always-allowed",
      summary: "List tools that a person always allows",
      permission: "people.manage",
      answer: { status: 200, json: { name: "AlwaysAllowedList", schema: alwaysAllowedList } },
    },
    {
      method: "DELETE",
      path: "/api/people/{userId}/always-allowed/{alwaysAllowedId}",
      summary: "Revoke a tool that a person always allows",
      permission: "people.manage",
      answer: { status: 204 },
    },
    {
      method: "PATCH",
      path: "/api/people/{userId}",
      summary: "Disable somebody",
      description:
        "With a key only `disabled: true`. Their sessions and keys stop at once, and their accounts are revoked at the providers.",
      permission: "people.manage",
      body: { name: "PersonChange", schema: personChange },
      answer: { status: 200, json: { name: "Person", schema: person } },
      errors: [409],
    },
    {
      method: "DELETE",
      path: "/api/people/invitations/{invitationId}",
      summary: "Withdraw an invitation",
      permission: "people.manage",
      answer: { status: 204 },
    },
  ],
};

export const operationRoutes: ApiTopic = {
  title: "Settings and audit",
  routes: [
    {
      method: "GET",
      path: "/api/settings",
      summary: "Get the configuration",
      description: "Without secrets.",
      permission: "settings.view",
      answer: { status: 200, json: { name: "Settings", schema: settingsView } },
    },
    {
      method: "POST",
      path: "/api/settings/public-url-check",
      summary: "Check that the public URL leads here",
      permission: "settings.view",
      answer: { status: 200, json: { name: "PublicUrlCheck", schema: publicUrlCheck } },
    },
    {
      method: "GET",
      path: "/api/doctor",
      summary: "Check the installation",
      description: "Each result as it comes, with what to do.",
      permission: "settings.view",
      answer: { status: 200, lines: { name: "DoctorResult", schema: doctorResult } },
    },
    {
      method: "GET",
      path: "/api/refreshes",
      summary: "List recent and upcoming refreshes",
      permission: "refreshes.view",
      answer: { status: 200, json: refreshes },
    },
    {
      method: "POST",
      path: "/api/refreshes",
      summary: "Refresh what is due now",
      permission: "settings.view",
      answer: { status: 200, json: refreshes },
    },
    {
      method: "GET",
      path: "/api/audit",
      summary: "Search the audit log",
      permission: "audit.view",
      query: auditQuery,
      answer: { status: 200, json: { name: "AuditPage", schema: auditPage } },
    },
    {
      method: "GET",
      path: "/api/audit/groups",
      summary: "List the groups to filter the audit log by",
      permission: "audit.view",
      answer: { status: 200, json: { name: "AuditGroups", schema: auditGroups } },
    },
    {
      method: "GET",
      path: "/api/audit/export",
      summary: "Export the audit log",
      description: "20 in 10 minutes.",
      permission: "audit.view",
      query: auditExportQuery,
      answer: {
        status: 200,
        stream: "text/csv",
        description: "CSV, or JSON Lines with `format=jsonl`.",
      },
    },
  ],
};
