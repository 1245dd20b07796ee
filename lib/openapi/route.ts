import type * as z from "zod";
import type { Permission } from "@/lib/session/permissions";

/** A contract with its name in the document. */
export interface NamedSchema {
  name: string;
  schema: z.ZodType;
}

export interface ApiRoute {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Such as `/api/people/{userId}`. */
  path: string;
  summary: string;
  /** What else a caller should know. */
  description?: string;
  /** As named by the route itself; null: it needs no key. */
  permission: Permission | null;
  query?: z.ZodObject;
  body?: NamedSchema;
  answer: ApiAnswer;
  /** In addition to those that every route may return. */
  errors?: readonly (keyof typeof routeErrors)[];
}

export type ApiAnswer =
  | { status: 200 | 201; json: NamedSchema }
  /** One JSON value per line. */
  | { status: 200; lines: NamedSchema }
  | { status: 200; stream: string; description: string }
  | { status: 204 };

/** What an error with such a status means here. */
export const routeErrors = {
  404: "It is not there, or it is somebody else's.",
  409: "It changed in the meantime, exists already, or needs a consent first.",
  422: "Usher does not connect to this address.",
  502: "An MCP server or a provider did not answer as it should.",
} as const;

export interface ApiTopic {
  title: string;
  routes: readonly ApiRoute[];
}
