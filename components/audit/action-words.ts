import { ownValue } from "@/lib/contracts/own-value";

const words: Record<string, string> = {
  setup: "Set up Usher",
  "sign-in": "Signed in",
  "sign-in.refused": "Was refused sign-in",
  "server.create": "Added a server",
  "server.change": "Changed a server",
  "server.switch-on": "Switched a server on",
  "server.switch-off": "Switched a server off",
  "server.delete": "Deleted a server",
  "client.register": "Registered with the provider",
  "connection.authorize": "Authorized an account",
  "connection.account": "Connected account became known",
  "connection.revoke-server": "Revoked a server’s access",
  "connection.revoke-own": "Disconnected their account",
  "connection.revoke": "Revoked a connection",
  "connection.ask-again": "Asked for a new authorization",
  "connection.ask": "Asked for a consent",
  "connection.cancel": "Cancelled a consent that was asked for",
  "connection.enter-key": "Entered their own key",
  "connection.change-key": "Changed their own key",
  "server.support-bundle": "Downloaded a support bundle",
  "assistant.create": "Added an assistant",
  "assistant.change": "Changed an assistant",
  "assistant.delete": "Deleted an assistant",
  "assistant.accept-tools": "Accepted changed tools",
  "model.add-provider": "Added a model provider",
  "model.change-provider": "Changed a model provider",
  "model.replace-key": "Replaced a model provider’s API key",
  "model.remove-provider": "Removed a model provider",
  "model.test-provider": "Tested a model provider",
  "model.offer": "Offered a model",
  "model.change": "Changed an offered model",
  "model.withdraw": "Stopped offering a model",
  "model.set-default": "Chose the default model",
  "person.invite": "Invited a person",
  "person.withdraw-invitation": "Withdrew an invitation",
  "person.join": "Joined",
  "person.change": "Changed a person",
  "person.change-password": "Changed their password",
  "person.create-reset-link": "Created a reset link",
  "person.reset-password": "Reset their password with a link",
  "api-key.create": "Created an API key",
  "api-key.revoke": "Revoked an API key",
  "tool.call": "Called a tool",
  "audit.export": "Exported the audit log",
};

/** An action without words shows its name. */
export function actionWords(action: string): string {
  return ownValue(words, action) ?? action;
}

/** Filters: a kind of thing, with everything done to it. */
export const actionKinds = [
  { value: "all", label: "Everything" },
  { value: "server", label: "Servers" },
  { value: "connection", label: "Connections" },
  { value: "client", label: "Registrations" },
  { value: "tool", label: "Tool calls" },
  { value: "assistant", label: "Assistants" },
  { value: "model", label: "Models" },
  { value: "person", label: "People" },
  { value: "sign-in", label: "Sign-in" },
  { value: "api-key", label: "API keys" },
  { value: "audit", label: "Exports" },
] as const;
