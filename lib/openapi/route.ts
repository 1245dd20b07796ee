import type { z } from "zod";
import type { Permission } from "@/lib/session/permissions";

/** A contract with the name that it has in the document. */
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
  /** As the route itself names it; null: it needs no key. */
  permission: Permission | null;
  query?: z.ZodObject;
  body?: NamedSchema;
  answer: ApiAnswer;
  /** Beside those that every route may answer. */
  errors?: readonly (keyof typeof routeErrors)[];
}

export type ApiAnswer =
  | { status: 200 | 201; json: NamedSchema }
  /** One JSON value a line. */
  | { status: 200; lines: NamedSchema }
  | { status: 200; stream: string; description: string }
  | { status: 204 };

/** What an error of such a status means here. */
export const routeErrors = {
  404: "It is not there, or it is somebody else's.",
  409: "It changed meanwhile, exists already, or needs a consent first.",
  422: "Usher does not connect to this address.",
  502: "An MCP server or a provider did not answer as it should.",
} as const;

export interface ApiTopic {
  title: string;
  routes: readonly ApiRoute[];
}
