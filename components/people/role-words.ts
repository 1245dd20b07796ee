import type { Role } from "@/lib/contracts/people/person";

export const roleWords = {
  ADMIN: {
    label: "Admin",
    description:
      "Manages MCP servers, assistants, people and settings, and authorizes shared accounts.",
  },
  MEMBER: {
    label: "Member",
    description: "Chats with the assistants and connects accounts of their own.",
  },
} as const satisfies Record<Role, { label: string; description: string }>;
