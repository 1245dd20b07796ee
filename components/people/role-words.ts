import type { Role } from "@/lib/contracts/people/person";

export const roleWords = {
  ADMIN: {
    label: "Admin",
    noun: "an admin",
    description:
      "Manages MCP servers, assistants, people and settings, and authorizes shared accounts.",
  },
  MEMBER: {
    label: "Member",
    noun: "a member",
    description: "Chats with the assistants and connects accounts of their own.",
  },
  AUDITOR: {
    label: "Auditor",
    noun: "an auditor",
    description: "Reads the audit, connections and refreshes. Changes nothing and cannot chat.",
  },
} as const satisfies Record<Role, { label: string; noun: string; description: string }>;
