import {
  defaultModelInput,
  modelProviderChange,
  modelProviderInput,
  modelProviderView,
  modelsView,
  modelTest,
  modelTestInput,
  offeredModelChange,
  offeredModelInput,
  offeredModelView,
  providerModels,
  providerModelsQuery,
} from "@/lib/contracts/models";
import type { ApiTopic } from "../route";

const permission = "models.manage";
const models = { name: "Models", schema: modelsView };
const provider = { name: "ModelProvider", schema: modelProviderView };
const offered = { name: "OfferedModel", schema: offeredModelView };

export const modelRoutes: ApiTopic = {
  title: "Models",
  routes: [
    {
      method: "GET",
      path: "/api/models",
      summary: "List model providers and offered models",
      description: "Without API keys.",
      permission,
      answer: { status: 200, json: models },
    },
    {
      method: "POST",
      path: "/api/models/providers",
      summary: "Add a model provider",
      permission,
      body: { name: "ModelProviderInput", schema: modelProviderInput },
      answer: { status: 201, json: provider },
    },
    {
      method: "PATCH",
      path: "/api/models/providers/{providerName}",
      summary: "Change a model provider",
      description: "Another base URL needs the API key again.",
      permission,
      body: { name: "ModelProviderChange", schema: modelProviderChange },
      answer: { status: 200, json: provider },
      errors: [409],
    },
    {
      method: "DELETE",
      path: "/api/models/providers/{providerName}",
      summary: "Remove a model provider",
      description: "With its API key and its offered models.",
      permission,
      answer: { status: 204 },
    },
    {
      method: "GET",
      path: "/api/models/providers/{providerName}/models",
      summary: "Search the models that a provider lists",
      description: "Asks the provider.",
      permission,
      query: providerModelsQuery,
      answer: { status: 200, json: { name: "ProviderModels", schema: providerModels } },
    },
    {
      method: "POST",
      path: "/api/models/providers/{providerName}/test",
      summary: "Test a model provider",
      description: "Sends one short message to a model.",
      permission,
      body: { name: "ModelTestInput", schema: modelTestInput },
      answer: { status: 200, json: { name: "ModelTest", schema: modelTest } },
    },
    {
      method: "POST",
      path: "/api/models/offered",
      summary: "Offer a model",
      permission,
      body: { name: "OfferedModelInput", schema: offeredModelInput },
      answer: { status: 201, json: offered },
    },
    {
      method: "PUT",
      path: "/api/models/offered/{modelId}",
      summary: "Change an offered model",
      permission,
      body: { name: "OfferedModelChange", schema: offeredModelChange },
      answer: { status: 200, json: offered },
    },
    {
      method: "DELETE",
      path: "/api/models/offered/{modelId}",
      summary: "Stop offering a model",
      permission,
      answer: { status: 204 },
    },
    {
      method: "PUT",
      path: "/api/models/default",
      summary: "Choose the default model",
      permission,
      body: { name: "DefaultModelInput", schema: defaultModelInput },
      answer: { status: 200, json: models },
    },
  ],
};
