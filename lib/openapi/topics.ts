import type { ApiRoute, ApiTopic } from "./route";
import { assistantRoutes } from "./routes/assistants";
import { chatRoutes } from "./routes/chat";
import { connectionRoutes } from "./routes/connections";
import { modelRoutes } from "./routes/models";
import { serverRoutes } from "./routes/servers";
import { operationRoutes, peopleRoutes } from "./routes/team";
import { webhookRoutes } from "./routes/webhooks";

/** Every route that an API key can call. A test compares it with the routes that exist. */
export const apiTopics: readonly ApiTopic[] = [
  serverRoutes,
  connectionRoutes,
  assistantRoutes,
  chatRoutes,
  modelRoutes,
  peopleRoutes,
  operationRoutes,
  webhookRoutes,
];

export function apiRoutes(): readonly ApiRoute[] {
  return apiTopics.flatMap(({ routes }) => routes);
}
